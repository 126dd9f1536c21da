/**
 * `npm run fuzz -- --runs 10000 [--seed N] [--sort NAME]...`: the long form of `fuzz.e2e.test.ts`.
 */
import { parseArgs } from 'node:util'
import { fuzz } from './fuzz.ts'

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '1000' },
    seed: { type: 'string' },
    sort: { type: 'string', multiple: true },
  },
})
const { grownBytes, requests } = await fuzz({
  runs: Number(values.runs),
  ...(values.seed !== undefined && { seed: Number(values.seed) }),
  ...(values.sort && { sorts: values.sort }),
  onSort: (sort, answers) => console.log(`${sort}: ${answers}`),
})
console.log(`${requests} requests; ${(grownBytes / 1024 / 1024).toFixed(1)} MiB kept after them`)
