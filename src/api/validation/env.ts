import { invalidValue, requiredValue } from '../field-errors.ts'
import type { EnvFromSource, EnvVar, EnvVarSource, FileKeySelector } from '../generated/types.ts'
import {
  configKeyErrors,
  dns1123LabelErrors,
  dns1123SubdomainErrors,
  envNameErrors,
} from '../string-formats.ts'
import { envFields, validateFieldReference, validateResourceReference } from './field-reference.ts'
import { validateNoBacksteps } from './path-rules.ts'
import { type Errors, each, formatted, requiredFormatted } from './rules.ts'

export function validateEnv(variables: readonly EnvVar[] | undefined, path: string): Errors {
  return each(path, variables, (variable, at) => [
    ...requiredFormatted(`${at}.name`, variable.name, envNameErrors),
    ...(variable.valueFrom
      ? validateValueFrom(variable.valueFrom, `${at}.valueFrom`, Boolean(variable.value))
      : []),
  ])
}

function validateValueFrom(source: EnvVarSource, path: string, hasValue: boolean): Errors {
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef } = source
  const errors = [
    ...(fieldRef ? validateFieldReference(fieldRef, `${path}.fieldRef`, envFields) : []),
    ...(resourceFieldRef
      ? validateResourceReference(resourceFieldRef, `${path}.resourceFieldRef`, {
          isInVolume: false,
        })
      : []),
    ...(configMapKeyRef ? validateKeyReference(configMapKeyRef, `${path}.configMapKeyRef`) : []),
    ...(secretKeyRef ? validateKeyReference(secretKeyRef, `${path}.secretKeyRef`) : []),
    ...(fileKeyRef ? validateFileKey(fileKeyRef, `${path}.fileKeyRef`) : []),
  ]
  const sources = [fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef]
  const detail = sourceCountError(sources.filter(Boolean).length, hasValue)
  return detail === undefined ? errors : [...errors, invalidValue(path, '', detail)]
}

function sourceCountError(count: number, hasValue: boolean): string | undefined {
  if (count === 0) {
    return 'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`'
  }
  if (hasValue) return 'may not be specified when `value` is not empty'
  return count > 1 ? 'may not have more than one field specified at a time' : undefined
}

function validateKeyReference(
  { name = '', key }: { readonly name?: string; readonly key: string },
  path: string,
): Errors {
  return [
    ...formatted(`${path}.name`, name, dns1123SubdomainErrors),
    ...requiredFormatted(`${path}.key`, key, configKeyErrors),
  ]
}

function validateFileKey(reference: FileKeySelector, path: string): Errors {
  return [
    ...requiredFormatted(`${path}.key`, reference.key, envNameErrors),
    ...requiredFormatted(`${path}.volumeName`, reference.volumeName, dns1123LabelErrors),
    ...(reference.path
      ? validateNoBacksteps(`${path}.path`, reference.path)
      : [requiredValue(`${path}.path`)]),
  ]
}

export function validateEnvFrom(
  sources: readonly EnvFromSource[] | undefined,
  path: string,
): Errors {
  return each(path, sources, ({ prefix, configMapRef, secretRef }, at) => {
    const errors = [
      ...(prefix ? formatted(`${at}.prefix`, prefix, envNameErrors) : []),
      ...(configMapRef ? validateSourceName(configMapRef.name, `${at}.configMapRef.name`) : []),
      ...(secretRef ? validateSourceName(secretRef.name, `${at}.secretRef.name`) : []),
    ]
    if (!configMapRef && !secretRef) {
      const detail = 'must specify one of: `configMapRef` or `secretRef`'
      errors.push(invalidValue(path, '', detail))
    } else if (configMapRef && secretRef) {
      const detail = 'may not have more than one field specified at a time'
      errors.push(invalidValue(path, '', detail))
    }
    return errors
  })
}

function validateSourceName(name: string | undefined, path: string): Errors {
  return requiredFormatted(path, name, dns1123SubdomainErrors)
}
