import { describe, expect, it } from 'vitest'
import type { Container, Pod } from '../../api/generated/types.ts'
import { VirtualClock } from '../../base/virtual-clock.ts'
import { ContainerProber } from './container-prober.ts'
import { failure, type ProbeOutcome, success } from './probe.ts'

const pod: Pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', namespace: 'n', uid: 'u' },
  spec: { containers: [] },
}

type ProbeName = 'startupProbe' | 'readinessProbe' | 'livenessProbe'

/** A prober on a virtual clock; `answers` says how each probe ends at a second since the start. */
function prober(
  container: Omit<Container, 'name'>,
  answers: Partial<Record<ProbeName, (second: number) => boolean>>,
  known?: { readonly started: boolean; readonly ready: boolean },
) {
  const clock = new VirtualClock(0)
  const asked: Record<ProbeName, number[]> = {
    startupProbe: [],
    readinessProbe: [],
    livenessProbe: [],
  }
  const log: string[] = []
  const spec = { name: 'app', ...container }
  const subject = new ContainerProber({
    clock,
    target: {
      pod,
      container: spec,
      ref: { podUid: 'u', container: 'app', restart: 0 },
      sandbox: { podUid: 'u', ip: '127.0.0.1', ports: {}, env: [] },
    },
    startedAtMs: 0,
    known,
    run: async (_, probe): Promise<ProbeOutcome> => {
      const name = (Object.keys(asked) as ProbeName[]).find((key) => spec[key] === probe)
      if (!name) throw new Error('a probe that the container does not have')
      asked[name].push(clock.now() / 1000)
      return answers[name]?.(clock.now() / 1000) ? success() : failure('no')
    },
    onChange: () => log.push(`${clock.now() / 1000} ${subject.started} ${subject.ready}`),
    onUnhealthy: (type) => log.push(`${clock.now() / 1000} ${type} unhealthy`),
    onFailure: (text) => log.push(`${clock.now() / 1000} ${text}`),
  })
  return { clock, asked, log, subject }
}

const probe = { tcpSocket: { port: 1 }, periodSeconds: 10, failureThreshold: 3 }

describe('ContainerProber', () => {
  it('F-07: without probes a running container is started and ready', () => {
    const { subject } = prober({}, {})
    expect([subject.started, subject.ready]).toEqual([true, true])
  })

  it('F-07: becomes ready at the first success, unready after failureThreshold failures', async () => {
    const readinessProbe = { ...probe }
    const up = (second: number) => second < 15
    const { clock, log } = prober({ readinessProbe }, { readinessProbe: up })
    await clock.advance(60_000)
    expect(log).toEqual([
      '0 true true',
      '20 Readiness probe failed: no',
      '30 Readiness probe failed: no',
      '40 Readiness probe failed: no',
      '40 true false',
      '50 Readiness probe failed: no',
      '60 Readiness probe failed: no',
    ])
  })

  it('takes traffic as soon as the program answers, not a period later', async () => {
    const readinessProbe = { ...probe }
    const up = (second: number) => second >= 0.1
    const { clock, log } = prober({ readinessProbe }, { readinessProbe: up })
    await clock.advance(5_000)
    expect(log).toEqual(['0 Readiness probe failed: no', '0.12 true true'])
  })

  it('F-07: successThreshold counts regular tries in a row', async () => {
    const readinessProbe = { ...probe, periodSeconds: 1, successThreshold: 3 }
    const { clock, log } = prober({ readinessProbe }, { readinessProbe: () => true })
    await clock.advance(5_000)
    expect(log).toEqual(['2 true true'])
  })

  it('F-06: only the startup probe runs until it passes, then never again', async () => {
    const container = {
      startupProbe: { ...probe, initialDelaySeconds: 2 },
      readinessProbe: { ...probe },
      livenessProbe: { ...probe },
    }
    const answers = {
      startupProbe: (s: number) => s >= 12,
      readinessProbe: () => true,
      livenessProbe: () => true,
    }
    const { clock, asked, subject } = prober(container, answers)
    await clock.advance(11_000)
    expect([subject.started, asked.readinessProbe, asked.livenessProbe]).toEqual([false, [], []])
    await clock.advance(30_000)
    expect(subject.ready).toBe(true)
    expect(Math.max(...asked.startupProbe)).toBe(12)
    expect(Math.floor(Math.min(...asked.startupProbe))).toBe(2)
    expect(asked.livenessProbe[0]).toBe(12)
  })

  it('keeps what was known of an adopted container until a probe says otherwise', async () => {
    const container = { startupProbe: { ...probe }, readinessProbe: { ...probe } }
    const known = { started: true, ready: true }
    const { clock, log, asked, subject } = prober(container, {}, known)
    expect([subject.started, subject.ready]).toEqual([true, true])
    await clock.advance(20_000)
    expect(asked.startupProbe).toEqual([])
    expect(log.at(-1)).toBe('20 true false')
  })

  it('F-08: a startup probe that never passes kills after its budget', async () => {
    const container = { startupProbe: { ...probe, periodSeconds: 5 } }
    const { clock, log } = prober(container, {})
    await clock.advance(30_000)
    expect(log.filter((line) => line.includes('unhealthy'))).toEqual(['15 Startup unhealthy'])
  })

  it.each([
    { type: 'livenessProbe', initialDelaySeconds: undefined, killedAt: '10 Liveness' },
    { type: 'livenessProbe', initialDelaySeconds: 5, killedAt: '15 Liveness' },
    { type: 'startupProbe', initialDelaySeconds: undefined, killedAt: '10 Startup' },
  ] as const)(
    'F-08: $type that may fail once only is not asked at the very start',
    async (given) => {
      const { type, initialDelaySeconds, killedAt } = given
      const container = { [type]: { ...probe, initialDelaySeconds, failureThreshold: 1 } }
      const { clock, log } = prober(container, {})
      await clock.advance(16_000)
      expect(log.filter((line) => line.includes('unhealthy'))).toEqual([`${killedAt} unhealthy`])
    },
  )

  it('F-08: liveness kills once; during deletion only readiness is asked', async () => {
    const container = { readinessProbe: { ...probe }, livenessProbe: { ...probe } }
    const { clock, log, subject, asked } = prober(container, { readinessProbe: () => true })
    await clock.advance(35_000)
    expect(log.filter((line) => line.includes('unhealthy'))).toEqual(['30 Liveness unhealthy'])
    subject.terminating()
    const before = asked.livenessProbe.length
    await clock.advance(30_000)
    expect(asked.livenessProbe).toHaveLength(before)
    expect(asked.readinessProbe.at(-1)).toBeGreaterThan(40)
  })
})
