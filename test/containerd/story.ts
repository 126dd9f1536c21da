import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { storyImage } from '../ordinary-user/story-image.ts'
import { foreignAddress } from '../release-cli/foreign-address.ts'
import { GivenContainerd, lacking, mayRunContainers } from './given-containerd.ts'

/**
 * The story of `npm start` with real containers: images of busybox, pulled from a registry of this
 * test's own by a containerd of its own. Exit code 0 only if every step held and no request was
 * dropped.
 */
const images = [['1.0.0'], ['1.1.0'], ['1.2.0', '3']] as const

async function run(program: string, ...args: readonly string[]): Promise<void> {
  const file = fileURLToPath(new URL(`../../${program}`, import.meta.url))
  const stdio = ['ignore', 'inherit', 'inherit'] as const
  const child = spawn(process.execPath, [file, ...args], { stdio: [...stdio] })
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`${program} ${args[0]} ended with ${code}`)
}

async function tell({ registry, socket }: GivenContainerd, data: string): Promise<void> {
  for (const [version, failEvery] of images) {
    registry.push(`team/app:${version}`, storyImage(version, failEvery))
  }
  const astern = (...args: readonly string[]) => run('bin/astern', ...args, '--data', data)
  const runtime = ['--runtime', 'containerd', '--cri-socket', socket]
  try {
    await astern('up', '--detach', '--listen', '127.0.0.1:0', ...runtime)
    const foreign = await foreignAddress(join(data, 'kubeconfig'))
    const place = ['--kubeconfig', foreign.kubeconfig, '--image-prefix', `${registry.host}/team`]
    await run('dist/story.js', ...place, '--yes', '--exit').finally(() => foreign.close())
  } finally {
    await astern('down')
  }
}

async function tellWithContainerd(): Promise<void> {
  const containerd = await GivenContainerd.start()
  const data = mkdtempSync(join(tmpdir(), 'astern-containerd-story-'))
  try {
    await tell(containerd, data)
  } finally {
    await containerd.stop()
    rmSync(data, { recursive: true, force: true })
  }
}

const missing = lacking()
if (missing) throw new Error(`the story with containers needs ${missing}`)
if (mayRunContainers()) await tellWithContainerd()
else console.log('not told: this machine lets nobody make network namespaces')
