import { afterAll, beforeAll, expect, it } from 'vitest'
import { SurvivalCampaign } from './survival-campaign.ts'

/** `npm run survival` asks for a hundred. */
const kills = Number(process.env.ASTERN_KILLS ?? 3)
const seed = Number(process.env.ASTERN_SEED ?? Math.floor(Math.random() * 2 ** 31))

let campaign: SurvivalCampaign

beforeAll(async () => {
  campaign = new SurvivalCampaign(seed)
  await campaign.begin()
})
afterAll(() => campaign.end())

it(
  `${kills} times kill -9 over the course of rollouts changes nothing (seed ${seed})`,
  async () => {
    while (campaign.figures.kills < kills) await campaign.round()
    const { figures, surprises } = campaign
    process.stdout.write(`kill -9, seed ${seed}: ${JSON.stringify(figures)}\n`)
    expect(surprises).toEqual([])
    expect(figures).toMatchObject({
      kills,
      rollouts: kills + 2,
      reported: figures.ended,
      wrongExitCodes: 0,
      restarted: 0,
      lost: 0,
      doubled: 0,
    })
  },
  kills * 30_000,
)
