import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest'
import type { AccessRecord } from '../../src/proxy/process/access-log.ts'
import { givenEngine } from '../engine.fixture.ts'
import { deployedSubject } from './deployed-subject.ts'
import { killUnderLoad } from './kill-under-load.ts'
import { rollUnderLoad } from './roll-under-load.ts'
import type { Subject } from './subject.ts'

/**
 * `npm run zero-drop` in short: its load, its judge, fewer rollouts, fewer requests per second, and
 * patience with a machine that is busy with other tests.
 */
const logDir = mkdtempSync(join(tmpdir(), 'astern-zero-drop-'))
const accessLog = join(logDir, 'access.log')
const load = { perSecond: 500, connections: 64, streams: 16, everyMs: 0, timeoutMs: 60_000 }

let subject: Subject

afterEach(() => subject.end())
afterAll(() => rmSync(logDir, { recursive: true }))

async function givenSubject(acknowledge: boolean): Promise<Subject> {
  const given = await givenEngine({ acknowledge, accessLog })
  const { engine, images } = given
  return deployedSubject({ kubeconfig: engine.kubeconfig, images, end: () => given.stop() })
}

/** Requests that the access log knows, by their status. */
function logged(wanted: number): number {
  const lines = readFileSync(accessLog, 'utf8').trimEnd().split('\n')
  const records = lines.map((line): AccessRecord => JSON.parse(line))
  return records.filter(({ status }) => status === wanted).length
}

describe('rolling updates of programs that die at once on SIGTERM, under open-loop load', () => {
  it('S-06: rollouts and undos fail no request, and cut no connection', async () => {
    subject = await givenSubject(true)
    const rolled = await rollUnderLoad(subject, { ...load, rolls: 6, requestsMin: 10_000 })
    const { failures, cut, rolls, requests, streams } = rolled
    expect({ failures, cut, rolls }).toEqual({ failures: {}, cut: 0, rolls: 6 })
    expect(requests).toBeGreaterThanOrEqual(10_000)
    expect(streams).toBeGreaterThan(100)
    await vi.waitFor(() => expect(logged(200)).toBeGreaterThanOrEqual(requests), {
      timeout: 10_000,
    })
    expect(logged(502) + logged(503)).toBe(0)
  })

  it('kill -9 of a pod fails no request that could be asked of another', async () => {
    subject = await givenSubject(true)
    const killed = await killUnderLoad(subject, { ...load, kills: 2, pauseMs: 0 })
    const { failed, failures, avoidable } = killed
    expect({ failures, avoidable }).toEqual({ failures, avoidable: 0 })
    // In flight at that pod: of the kept connections one each, and so of the streams.
    expect(failed).toBeLessThanOrEqual(2 * (load.connections + load.streams))
    expect(failed).toBeGreaterThan(0)
  })

  it('fails requests as soon as pods do not wait for the proxy', async () => {
    subject = await givenSubject(false)
    const isEnough = ({ failed }: { readonly failed: number }) => failed > 0
    const rolled = await rollUnderLoad(subject, { ...load, rolls: 20, requestsMin: 0, isEnough })
    expect(rolled.failed).toBeGreaterThan(0)
  })
})
