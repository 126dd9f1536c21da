import { chmodSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { writeLayout } from '../oci-image.fixture.ts'
import { foreignAddress } from '../release-cli/foreign-address.ts'
import { OrdinaryUser } from './ordinary-user.ts'
import { storyImage } from './story-image.ts'

/**
 * The story of `npm start`, told by an ordinary user with OCI images: `image load`, then every pod
 * under bubblewrap. Exit code 0 only if every step held and no request was dropped.
 */
const imagePrefix = 'example.test/team'
const images = [['1.0.0'], ['1.1.0'], ['1.2.0', '3']] as const

async function must(outcome: Promise<number | null>, what: string): Promise<void> {
  const code = await outcome
  if (code !== 0) throw new Error(`${what} ended with ${code}`)
}

async function tell(user: OrdinaryUser): Promise<void> {
  const data = join(user.home, 'data')
  const astern = (...args: readonly string[]) =>
    must(user.run('bin/astern', ...args, '--data', data), `astern ${args[0]}`)
  for (const [version, failEvery] of images) {
    const layout = join(user.home, `layout-${version}`)
    mkdirSync(layout)
    chmodSync(layout, 0o755)
    writeLayout(layout, storyImage(version, failEvery))
    await astern('image', 'load', `${imagePrefix}/app:${version}`, layout)
  }
  try {
    await astern('up', '--detach', '--listen', '127.0.0.1:0')
    const foreign = await foreignAddress(join(data, 'kubeconfig'))
    user.own(foreign.kubeconfig)
    const options = ['--kubeconfig', foreign.kubeconfig, '--image-prefix', imagePrefix]
    await must(user.run('dist/story.js', ...options, '--yes', '--exit'), 'the story').finally(() =>
      foreign.close(),
    )
  } finally {
    await astern('down')
  }
}

const user = new OrdinaryUser()
try {
  const hindrance = user.hindrance()
  if (hindrance === undefined) await tell(user)
  else console.log(`not told: this machine lets no ordinary user make namespaces (${hindrance})`)
} finally {
  user.dispose()
}
