import { existsSync } from 'node:fs'
import { required } from '../base/assert.ts'
import { systemContext } from '../base/context.ts'
import { deleteSnapshot } from '../node/images/snapshot.ts'
import { dataDirectory } from './data-directory.ts'
import { dataPlaneCommands } from './data-plane-commands.ts'
import { endDataPlane } from './end-data-plane.ts'

/** `leash-main DATA_DIR`: whom these data were for has gone, and nobody comes back to them. */
async function main(dataDir: string): Promise<void> {
  if (!existsSync(dataDir)) return
  const directory = dataDirectory(dataDir)
  await endDataPlane({ directory, context: systemContext(), commands: dataPlaneCommands() })
  await deleteSnapshot(dataDir)
}

await main(required(process.argv[2], 'the data directory: leash-main DATA_DIR'))
