import { keyOf } from '../api/object.ts'
import { pods } from '../api/scheme.ts'
import { required } from '../base/assert.ts'
import { sleep } from '../base/clock.ts'
import { randomInt, seededPrng } from '../base/prng.ts'
import { VirtualCluster } from '../cluster/virtual/virtual-cluster.ts'
import { stuckPods, unsettled } from './convergence.ts'
import { Disasters } from './faults/disasters.ts'
import { History } from './history.ts'
import { allInvariants } from './invariants/all-invariants.ts'
import { busyMinutes, drawProfile } from './profile.ts'
import { Referee, type Violation } from './referee.ts'
import { Stage } from './stage.ts'
import { Operator } from './workload/operator.ts'

/** What one seed has come to. */
export interface SeedReport {
  readonly seed: number
  readonly simulatedMs: number
  readonly operations: number
  readonly revisions: number
  /** Of one invariant at one revision. */
  readonly checks: number
  readonly faults: Readonly<Record<string, number>>
  /** Of everything that was written, byte by byte, and of all that was done. */
  readonly digest: string
  readonly violation?: Violation & { readonly last: readonly string[] }
}

/** Back-off after crashes and failed pulls goes up to five minutes. */
const convergenceMsMax = 40 * 60_000
const lookMs = 5_000
/** What follows from convergence: last statuses, release records. */
const settlingMs = 60_000
const restMs = 5 * 60_000
const stuckMs = 120_000
/** For operations and faults, and for whatever else is waited for. */
const patienceMs = 2 * 60 * 60_000

/** Runs one seed to its end, or to the first broken invariant. */
export async function simulate(seed: number, minutes = busyMinutes): Promise<SeedReport> {
  const prng = seededPrng(seed)
  const profile = drawProfile(prng, minutes)
  const history = new History()
  let stage: Stage | undefined
  const cluster = await VirtualCluster.start({
    prng,
    nodes: profile.nodes,
    surroundings: (context, clock) => {
      stage = new Stage({ context, clock, profile, history })
      return stage
    },
  })
  const simulation = new Simulation(seed, cluster, required(stage, 'the stage'))
  await simulation.run()
  const report = simulation.report()
  await cluster.stop()
  return report
}

class Simulation {
  readonly #seed: number
  readonly #cluster: VirtualCluster
  readonly #stage: Stage
  readonly #referee: Referee
  readonly #operator: Operator
  readonly #disasters: Disasters
  readonly #startMs: number
  #operations = 0

  constructor(seed: number, cluster: VirtualCluster, stage: Stage) {
    const { world, api, weather, partitions, faults, profile } = stage
    this.#seed = seed
    this.#cluster = cluster
    this.#stage = stage
    this.#startMs = cluster.clock.monotonic()
    this.#referee = new Referee(allInvariants.map((create) => create(world)))
    this.#operator = new Operator({
      cluster,
      world,
      tell: (text) => stage.tell(text),
      accuse: (invariant, what) => this.#referee.accuse(invariant, what, cluster.store.revision),
    })
    this.#disasters = new Disasters({
      cluster,
      world,
      api,
      weather,
      partitions,
      log: faults,
      profile,
    })
    const events = stage.follow(cluster.store, (change) => this.#referee.judge(change))
    cluster.store.watch('', cluster.store.revision, { events, end: () => {} })
  }

  async run(): Promise<void> {
    const { api } = this.#stage
    api.start(() => this.#disasters.crash())
    const work = Promise.all([this.#operate(), this.#strike()])
    await this.#until(work)
    if (this.#isOver) return
    api.stop()
    await this.#until(Promise.all([this.#disasters.end(), this.#operator.settle()]))
    await this.#converge()
    await this.#rest()
    await this.#lookForStrays()
  }

  report(): SeedReport {
    const { faults, history } = this.#stage
    const { violation, checks } = this.#referee
    return {
      seed: this.#seed,
      simulatedMs: this.#cluster.clock.monotonic() - this.#startMs,
      operations: this.#operations,
      revisions: this.#cluster.store.revision,
      checks,
      faults: faults.counts(),
      digest: history.digest(),
      ...(violation && { violation: { ...violation, last: history.last() } }),
    }
  }

  get #isOver(): boolean {
    return this.#referee.violation !== undefined
  }

  /** Lets time pass until `promise` is settled, or an invariant is broken: that it never ends. */
  async #until(promise: Promise<unknown>): Promise<void> {
    const { clock, store } = this.#cluster
    const untilMs = clock.monotonic() + patienceMs
    let isSettled = false
    const settled = promise.finally(() => {
      isSettled = true
    })
    while (!isSettled && !this.#isOver) {
      await this.#cluster.step()
      if (clock.monotonic() > untilMs) {
        this.#referee.accuse('end', 'something that was begun has not ended', store.revision)
      }
    }
    if (isSettled) await settled
  }

  #pass(durationMs: number): Promise<void> {
    return this.#until(sleep(this.#cluster.clock, durationMs))
  }

  async #operate(): Promise<void> {
    const { clock, context } = this.#cluster
    const { operations, busyMs } = this.#stage.profile
    const pauseMsMax = Math.floor((2 * busyMs) / operations)
    for (; this.#operations < operations; this.#operations++) {
      await this.#operator.act()
      await sleep(clock, randomInt(context.prng, pauseMsMax))
    }
    const leftMs = this.#startMs + busyMs - clock.monotonic()
    if (leftMs > 0) await sleep(clock, leftMs)
  }

  async #strike(): Promise<void> {
    const { clock, context } = this.#cluster
    const { disasters, busyMs } = this.#stage.profile
    for (let struck = 0; struck < disasters; struck++) {
      await sleep(clock, randomInt(context.prng, Math.floor((2 * busyMs) / disasters)))
      this.#disasters.strike()
    }
  }

  async #converge(): Promise<void> {
    const { clock, store, transport } = this.#cluster
    const { world } = this.#stage
    const untilMs = clock.monotonic() + convergenceMsMax
    while (!this.#isOver && unsettled(world).length > 0) {
      if (clock.monotonic() > untilMs) {
        return this.#referee.accuse('convergence', unsettled(world).join('; '), store.revision)
      }
      await this.#pass(lookMs)
      for (const pod of stuckPods(world, clock.now(), stuckMs)) {
        this.#stage.tell(`help the stuck pod ${pod.metadata.name}`)
        world.excuse(pod)
        await this.#until(transport.delete(pods, keyOf(pod)).catch(() => {}))
      }
    }
  }

  /** Whatever was deleted while its node could not hear of it has been ended there. */
  async #lookForStrays(): Promise<void> {
    for (const { name, runtime } of this.#cluster.nodes) {
      const sandboxes = (await runtime?.sandboxes()) ?? []
      const stray = sandboxes.find(({ podUid }) => !this.#stage.world.byUid(podUid))
      if (!stray) continue
      const what = `${name} still runs ${stray.podUid}, a pod that is no more`
      this.#referee.accuse('strays', what, this.#cluster.store.revision)
    }
  }

  /** Nothing is left to do: so nothing is written. */
  async #rest(): Promise<void> {
    if (this.#isOver) return
    await this.#pass(settlingMs)
    const before = this.#stage.writes
    await this.#pass(restMs)
    if (this.#isOver || this.#stage.writes === before) return
    const what = `${this.#stage.writes - before} writes after everything had converged`
    this.#referee.accuse('rest', what, this.#cluster.store.revision)
  }
}
