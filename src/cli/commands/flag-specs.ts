import type { FlagSpec } from '../flags.ts'

/** Flags that several commands have. */

export const filenameFlags: readonly FlagSpec[] = [
  { name: 'filename', short: 'f', kind: 'list', help: 'files, directories or URLs; - for stdin' },
  { name: 'recursive', short: 'R', kind: 'boolean', help: 'go into the directories of -f' },
]

export const selectorFlag: FlagSpec = {
  name: 'selector',
  short: 'l',
  kind: 'text',
  help: 'only objects with these labels, such as app=web,tier!=db',
}

export const fieldSelectorFlag: FlagSpec = {
  name: 'field-selector',
  kind: 'text',
  help: 'only objects with these fields, such as metadata.name=web',
}

export const allFlag: FlagSpec = {
  name: 'all',
  kind: 'boolean',
  help: 'all objects of the given types in the namespace',
}

export const allNamespacesFlag: FlagSpec = {
  name: 'all-namespaces',
  short: 'A',
  kind: 'boolean',
  help: 'in every namespace',
}

export const dryRunFlag: FlagSpec = {
  name: 'dry-run',
  kind: 'text',
  alone: 'unchanged',
  fallback: 'none',
  help: 'none, client (send nothing) or server (do everything but keep it)',
}

export const outputFlag: FlagSpec = {
  name: 'output',
  short: 'o',
  kind: 'text',
  help: 'name, json, yaml, jsonpath=TEMPLATE, custom-columns=NAME:PATH,…',
}

export const recordFlag: FlagSpec = {
  name: 'record',
  kind: 'boolean',
  help: 'keep this command line as the cause of the change',
  deprecated: '--record will be removed in the future',
}

export const validateFlag: FlagSpec = {
  name: 'validate',
  kind: 'text',
  alone: 'strict',
  fallback: 'strict',
  help: 'unknown fields: strict (or true), warn, ignore (or false)',
}

export const managedFieldsFlag: FlagSpec = {
  name: 'show-managed-fields',
  kind: 'boolean',
  help: 'keep managedFields in yaml and json',
}

export const fieldManagerFlag = (fallback: string): FlagSpec => ({
  name: 'field-manager',
  kind: 'text',
  fallback,
  help: 'the name under which the fields are written',
})

export const timeoutFlag: FlagSpec = {
  name: 'timeout',
  kind: 'duration',
  help: 'how long to wait at most, such as 30s; 0: without limit',
}
