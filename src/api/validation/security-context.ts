import { duplicateValue, invalidValue, requiredValue, unsupportedValue } from '../field-errors.ts'
import type {
  AppArmorProfile,
  PodSecurityContext,
  SeccompProfile,
  SecurityContext,
  Sysctl,
} from '../generated/types.ts'
import { validateDescendingPath, validateId } from './path-rules.ts'
import { type Errors, each, word } from './rules.ts'

const profileTypes = ['Localhost', 'RuntimeDefault', 'Unconfined']
const sysctlPattern = '^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$'
const sysctlName = new RegExp(sysctlPattern)

export function validateSecurityContext(
  context: SecurityContext | undefined,
  path: string,
): Errors {
  if (context === undefined) return []
  const { allowPrivilegeEscalation, capabilities, privileged } = context
  const errors = [
    ...validateId(`${path}.runAsUser`, context.runAsUser),
    ...validateId(`${path}.runAsGroup`, context.runAsGroup),
    ...word(`${path}.procMount`, context.procMount, ['Default', 'Unmasked']),
    ...validateSeccomp(context.seccompProfile, `${path}.seccompProfile`),
  ]
  if (allowPrivilegeEscalation === false) {
    const cannot = 'cannot set `allowPrivilegeEscalation` to false and'
    if (privileged) errors.push(invalidValue(path, context, `${cannot} \`privileged\` to true`))
    if (capabilities?.add?.includes('CAP_SYS_ADMIN')) {
      errors.push(invalidValue(path, context, `${cannot} \`capabilities.Add\` CAP_SYS_ADMIN`))
    }
  }
  return [...errors, ...validateAppArmor(context.appArmorProfile, `${path}.appArmorProfile`)]
}

export function validatePodSecurityContext(
  context: PodSecurityContext | undefined,
  path: string,
): Errors {
  if (context === undefined) return []
  return [
    ...validateId(`${path}.fsGroup`, context.fsGroup),
    ...validateId(`${path}.runAsUser`, context.runAsUser),
    ...validateId(`${path}.runAsGroup`, context.runAsGroup),
    ...each(`${path}.supplementalGroups`, context.supplementalGroups, (id, at) =>
      validateId(at, id),
    ),
    ...validateSysctls(context.sysctls, `${path}.sysctls`),
    ...word(`${path}.fsGroupChangePolicy`, context.fsGroupChangePolicy, [
      'Always',
      'OnRootMismatch',
    ]),
    ...validateSeccomp(context.seccompProfile, `${path}.seccompProfile`),
    ...validateAppArmor(context.appArmorProfile, `${path}.appArmorProfile`),
    ...word(`${path}.supplementalGroupsPolicy`, context.supplementalGroupsPolicy, [
      'Merge',
      'Strict',
    ]),
    ...word(`${path}.seLinuxChangePolicy`, context.seLinuxChangePolicy, [
      'MountOption',
      'Recursive',
    ]),
  ]
}

function validateSysctls(sysctls: readonly Sysctl[] | undefined, path: string): Errors {
  const names = new Set<string>()
  return each(path, sysctls, ({ name }, at) => {
    const isKnown = names.has(name)
    names.add(name)
    if (!name) return [requiredValue(`${at}.name`)]
    if (name.length > 253 || !sysctlName.test(name)) {
      const detail = `must have at most 253 characters and match regex ${sysctlPattern}`
      return [invalidValue(`${at}.name`, name, detail)]
    }
    return isKnown ? [duplicateValue(`${at}.name`, name)] : []
  })
}

function validateProfileType(type: string | undefined, path: string, field: string): Errors {
  if (!type) return [requiredValue(`${path}.type`, `type is required when ${field} is set`)]
  return profileTypes.includes(type) ? [] : [unsupportedValue(`${path}.type`, type, profileTypes)]
}

function validateSeccomp(profile: SeccompProfile | undefined, path: string): Errors {
  if (profile === undefined) return []
  const { type, localhostProfile } = profile
  const errors = [...validateProfileType(type, path, 'seccompProfile')]
  const at = `${path}.localhostProfile`
  if (type === 'Localhost') {
    if (localhostProfile !== undefined) {
      errors.push(...validateDescendingPath(at, localhostProfile))
    } else errors.push(requiredValue(at, 'must be set when seccomp type is Localhost'))
  } else if (localhostProfile !== undefined) {
    errors.push(invalidValue(at, profile, 'can only be set when seccomp type is Localhost'))
  }
  return errors
}

function validateAppArmor(profile: AppArmorProfile | undefined, path: string): Errors {
  if (profile === undefined) return []
  const { type, localhostProfile } = profile
  const errors = [...validateProfileType(type, path, 'appArmorProfile')]
  const at = `${path}.localhostProfile`
  if (type === 'Localhost') {
    if (localhostProfile !== undefined && localhostProfile.trim() !== localhostProfile) {
      errors.push(invalidValue(at, localhostProfile, 'must not be padded with whitespace'))
    } else if (!localhostProfile) {
      errors.push(requiredValue(at, 'must be set when AppArmor type is Localhost'))
    }
  } else if (localhostProfile !== undefined && profileTypes.includes(type)) {
    const detail = 'can only be set when AppArmor type is Localhost'
    errors.push(invalidValue(at, localhostProfile, detail))
  }
  return errors
}
