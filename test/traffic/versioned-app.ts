import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Deployment, Service } from '../../src/api/generated/types.ts'
import { deployments, services } from '../../src/api/scheme.ts'
import type { Transport } from '../../src/api/transport.ts'
import type { GivenEngine } from '../engine.fixture.ts'
import { nodeProgram, type Program } from './versioned-program.ts'

export const imageOf = (version: string) => `learnk8s/app:${version}`

/** Adds a version of the program as an image. */
export async function addVersion(
  { images }: Pick<GivenEngine, 'images'>,
  version: string,
  program: Program = nodeProgram,
): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'astern-app-'))
  writeFileSync(join(dir, program.file), program.text(version))
  await images.add(imageOf(version), dir, program.command)
  rmSync(dir, { recursive: true })
}

const labels = { app: 'app' }

export function deployment(version: string, replicas = 3): Deployment {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'app' },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          containers: [
            {
              name: 'app',
              image: imageOf(version),
              readinessProbe: { httpGet: { path: '/', port: 8080 }, periodSeconds: 1 },
            },
          ],
        },
      },
    },
  }
}

const where = { namespace: 'default' }

/** Pods behind a Service; resolves with the Service's host and port. */
export async function deployBehindService(
  transport: Transport,
  app: Deployment,
): Promise<{ readonly host: string; readonly port: number }> {
  const service: Service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'app' },
    spec: { selector: labels, ports: [{ port: 8000, targetPort: 8080 }] },
  }
  await transport.create(deployments, where, app)
  const created = await transport.create<Service>(services, where, service)
  return { host: created.spec?.clusterIP ?? '', port: 8000 }
}

/** A Service that is new takes a moment to reach the proxy. */
export async function untilAnswering(host: string, port: number): Promise<void> {
  for (;;) {
    const answer = await fetch(`http://${host}:${port}/`).catch(() => undefined)
    await answer?.text()
    if (answer?.ok) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
