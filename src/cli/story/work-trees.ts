import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { gitText } from '../../git/run-git.ts'
import type { Person } from './scene.ts'

const names: Readonly<Record<Person, string>> = { you: 'Ada', colleague: 'Grace' }

/** A bare repository in `dir`, and everybody's clone of it. */
export async function cloneWorkTrees(dir: string): Promise<Readonly<Record<Person, string>>> {
  mkdirSync(dir, { recursive: true })
  const remote = join(dir, 'origin.git')
  await gitText(['init', '--quiet', '--bare', '-b', 'main', remote], { cwd: dir })
  const clone = async (person: Person) => {
    const cwd = join(dir, person)
    await gitText(['clone', '--quiet', remote, cwd], { cwd: dir })
    await gitText(['checkout', '--quiet', '-B', 'main'], { cwd })
    const name = names[person]
    await gitText(['config', 'user.name', name], { cwd })
    await gitText(['config', 'user.email', `${name.toLowerCase()}@example.com`], { cwd })
    await gitText(['config', 'branch.main.remote', 'origin'], { cwd })
    await gitText(['config', 'branch.main.merge', 'refs/heads/main'], { cwd })
    return cwd
  }
  return { you: await clone('you'), colleague: await clone('colleague') }
}
