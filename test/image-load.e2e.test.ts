import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { withImageSource } from '../src/node/images/oci/open-source.ts'
import { ImageStore } from '../src/node/images/store.ts'
import type { ContainerSpec } from '../src/node/runtime.ts'
import {
  type ProcessRuntimeFixture,
  processRuntimeFixture,
} from '../src/node/runtimes/process/process-runtime.fixture.ts'
import { startInPod } from '../src/node/runtimes/runtime.contract.ts'
import {
  archiveOf,
  busyboxLayer,
  dockerArchive,
  GivenRegistry,
  type OciImage,
  writeLayout,
} from './oci-image.fixture.ts'
import { ended, exitCodeOf, logOf, scripted } from './process-runtime/pods.ts'

let fixture: ProcessRuntimeFixture
let registry: GivenRegistry
let dir: string
let images: ImageStore

const app: OciImage = {
  layers: [
    { ...busyboxLayer, 'app/old': 'old', 'app/both': 'lower', 'gone/a': 'a', 'gone/b': 'b' },
    { 'app/.wh.old': '', 'app/both': 'upper', 'gone/.wh..wh..opq': '', 'gone/c': 'c' },
    { 'app/run': '#!/bin/sh\necho "$GREETING $*"\n', escape: '-> /etc', up: '-> ../../..' },
  ],
  config: {
    Entrypoint: ['/app/run'],
    Cmd: ['world'],
    Env: ['PATH=/bin:/app', 'GREETING=hello'],
    WorkingDir: '/app',
  },
}

beforeAll(async () => {
  fixture = await processRuntimeFixture()
  images = new ImageStore(fixture.dataDir)
  registry = await GivenRegistry.start()
  dir = mkdtempSync(join(tmpdir(), 'astern-oci-'))
  await load('app', layoutOf(app))
})
afterAll(async () => {
  registry.stop()
  rmSync(dir, { recursive: true, force: true })
  await fixture.dispose()
})

function load(
  reference: string,
  source: string,
  credentials?: { username: string; password: string },
) {
  return withImageSource(source, credentials, (opened) => images.load(reference, opened))
}

let lastFile = 0

function fileWith(bytes: Buffer): string {
  const path = join(dir, `archive-${++lastFile}`)
  writeFileSync(path, bytes)
  return path
}

function layoutOf(image: OciImage): string {
  const path = join(dir, `layout-${++lastFile}`)
  mkdirSync(path)
  writeLayout(path, image)
  return path
}

async function printed(script: string, more: Partial<ContainerSpec> = {}): Promise<string> {
  const spec = scripted(script, more)
  await startInPod(fixture.runtime, spec)
  await ended(fixture.runtime, spec)
  return logOf(fixture.runtime, spec)
}

describe('astern image load', () => {
  it('gives the same image from a layout, its archive, docker save, and a registry', async () => {
    registry.push('1.0', app)
    const layout = layoutOf(app)
    const me = { username: 'me', password: 'secret' }
    const loaded = [
      await load('a:1', layout),
      await load('a:2', fileWith(archiveOf(layout))),
      await load('a:3', fileWith(gzipSync(dockerArchive(app)))),
      await load('a:4', `${registry.host}/app:1.0`, me),
    ]
    expect(new Set(loaded.map(({ digest }) => digest)).size).toBe(1)
    expect(loaded[0]).toMatchObject({ reference: 'a:1', command: ['/app/run', 'world'] })
    expect(await fixture.runtime.pullImage('a:4')).toMatchObject({ imageId: loaded[0]?.digest })
  })

  it.each([
    ['one without a name', undefined, /gives no token: it answers 401.*--username/],
    ['a stranger', { username: 'me', password: 'wrong' }, /gives no token: it answers 401/],
  ])('a registry does not let in %s', async (_, credentials, message) => {
    await expect(load('b:1', `${registry.host}/app:1.0`, credentials)).rejects.toThrow(message)
  })

  it.each([
    ['nothing there', './nowhere', 'no such file or directory: ./nowhere'],
    ['no archive', 'noise', 'this is not a tar archive'],
    ['another archive', 'other', 'is no image: it has neither index.json'],
  ])('%s', async (_, what, message) => {
    const noise = fileWith(Buffer.alloc(2048, 'x'))
    const other = fileWith(archiveOf(mkdtempSync(join(dir, 'empty-'))))
    const source = { noise, other }[what] ?? what
    await expect(load('b:1', source)).rejects.toThrow(message)
  })

  it('refuses a layer that is not what the configuration says', async () => {
    const layout = layoutOf(app)
    const other = layoutOf({ ...app, layers: [busyboxLayer, {}, {}] })
    const blobs = (of: string) =>
      readdirSync(join(of, 'blobs/sha256')).map((name) => join(of, 'blobs/sha256', name))
    const largest = (of: string) =>
      blobs(of).sort((a, b) => statSync(b).size - statSync(a).size)[0] ?? ''
    copyFileSync(largest(other), largest(layout))
    await images.remove('app', 'unknown')
    const fresh = new ImageStore(mkdtempSync(join(dir, 'data-')))
    await expect(
      withImageSource(layout, undefined, (opened) => fresh.load('app', opened)),
    ).rejects.toThrow(/layer 1 is damaged: sha256:/)
    await load('app', layoutOf(app))
  })

  it('no entry leads out of the image', async () => {
    const layers = [
      busyboxLayer,
      { out: `-> ${dir}` },
      { 'out/evil': 'evil' },
      { abs: '-> /', 'abs2/x': 'x' },
      { '.wh.abs': '', 'etc/passwd': 'x' },
    ]
    await load('evil', layoutOf({ layers, config: { Cmd: ['/bin/sh'] } }))
    expect(existsSync(join(dir, 'evil'))).toBe(false)
  })
})

describe('a container of an OCI image', () => {
  it('runs the image’s own command, in its own root', async () => {
    expect(await printed('', { command: [] })).toBe('hello world\n')
    expect(await printed('', { command: [], args: ['you', 'there'] })).toBe('hello you there\n')
    expect(await printed('pwd; ls; cat both; echo; ls /gone')).toBe('/app\nboth\nrun\nupper\nc\n')
    expect(await printed('ls -a / | wc -l; ls /work /home 2>&1 | wc -l')).not.toContain('astern')
  })

  it('writes over the image, for itself alone', async () => {
    const script =
      'echo mine >/app/both; echo new >/new; cat /app/both /new; echo x >/tmp/x && touch /dev/shm/x'
    expect(await printed(script)).toBe('mine\nnew\n')
    expect(await printed('cat /app/both; ls /new 2>&1')).toMatch(/^upper.*No such file/s)
  })

  it('is the user of the image, or of the pod', async () => {
    const user = { ...app, config: { ...app.config, User: 'app' } }
    await load('user', layoutOf(user))
    const script = 'id -u; id -g; echo $HOME; echo x >/tmp/x && cat /tmp/x'
    expect(await printed(script, { image: 'user' })).toBe('1000\n1001\n/home/app\nx\n')
    const other = { uid: 4711, gid: undefined, supplementalGroups: [] }
    expect(await printed('id -u; id -g', { image: 'user', user: other })).toBe('4711\n0\n')
    expect(await printed('id -u; echo $HOME')).toBe('0\n/root\n')
  })

  it('sees mounts, also behind links of the image, and commands run beside it', async () => {
    const hostPath = mkdtempSync(join(dir, 'volume-'))
    writeFileSync(join(hostPath, 'hello'), 'hello\n')
    const mounts = [{ hostPath, containerPath: '/escape/conf.d/here', isReadOnly: true }]
    const spec = scripted('sleep 1000', { mounts })
    await startInPod(fixture.runtime, spec)
    const cat = ['cat', '/etc/conf.d/here/hello', '/escape/conf.d/here/hello']
    expect(await fixture.runtime.exec(spec, cat, 10_000)).toEqual({
      exitCode: 0,
      output: 'hello\nhello\n',
    })
    await fixture.runtime.stopContainer(spec, 10_000)
    expect(await exitCodeOf(fixture.runtime, spec)).toBe(143)
  })

  it('a program that is not in the image is named', async () => {
    await expect(startInPod(fixture.runtime, scripted('', { command: ['bash'] }))).rejects.toThrow(
      'exec: "bash": executable file not found in $PATH',
    )
  })
})
