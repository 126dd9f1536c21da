import pc from 'picocolors'
import type { Reporter, TestCase, TestModule } from 'vitest/node'
import type { Told } from './story.ts'

/** Prints each story as it was told, with how it ended. */
export class ToldReporter implements Reporter {
  #chapter: string | undefined

  onTestCaseResult(story: TestCase): void {
    const { chapter, told = [] } = story.meta()
    // Not asked for.
    if (chapter === undefined) return
    if (chapter !== this.#chapter) print('', pc.bold(chapter))
    this.#chapter = chapter
    const result = story.result()
    const { state, errors } = result
    const seconds = ((story.diagnostic()?.duration ?? 0) / 1000).toFixed(1)
    print('', `  ${marks[state]} ${story.name} ${pc.dim(`(${seconds} s)`)}`)
    if (result.state === 'skipped') print(`      ${result.note ?? ''}`)
    print(...told.map((sentence, i) => `      ${sentenceText(sentence, told[i - 1])}`))
    for (const { message } of errors ?? []) print(...indented(pc.red(message)))
  }

  onTestModuleEnd(module: TestModule): void {
    for (const { message } of module.errors()) print(...indented(pc.red(message)))
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    const all = modules
      .flatMap((module) => [...module.children.allTests()])
      .filter((story) => story.meta().chapter !== undefined)
    const count = (state: string) => all.filter((each) => each.result().state === state).length
    const [passed, failed, skipped] = [count('passed'), count('failed'), count('skipped')]
    print('', `${passed} ok, ${failed} failed${skipped > 0 ? `, ${skipped} not here` : ''}`)
  }
}

const marks: Readonly<Record<string, string>> = {
  passed: pc.green('ok    '),
  failed: pc.red('failed'),
  skipped: pc.dim('-     '),
  pending: pc.dim('-     '),
}

function sentenceText({ word, text }: Told, before: Told | undefined): string {
  return `${(word === before?.word ? 'and' : word).padStart(5)} ${text}`
}

function indented(text: string): readonly string[] {
  return text.split('\n').map((line) => `      ${line}`)
}

function print(...lines: readonly string[]): void {
  for (const line of lines) process.stdout.write(`${line}\n`)
}
