/**
 * Writes `src/api/generated/{types,schema,descriptions}.ts` from the models that
 * `@kubernetes/client-node` ships: the field tables of the API, and its prose, which is read only
 * when a client asks for it. Runs in `npm ci` (script `prepare`); the result is not committed.
 * Source of truth for names, types and required fields: the published OpenAPI models.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { readModels } from './models.ts'
import { renderDescriptions, renderSchema, renderTypes } from './render.ts'
import { roots } from './roots.ts'

const target = fileURLToPath(new URL('../../src/api/generated/', import.meta.url))
const models = await readModels(roots)
mkdirSync(target, { recursive: true })
writeFileSync(`${target}types.ts`, renderTypes(models))
writeFileSync(`${target}schema.ts`, renderSchema(models))
writeFileSync(`${target}descriptions.ts`, renderDescriptions(models))
