import { expect, it } from 'vitest'
import { negotiate } from './negotiation.ts'

const shapes = ['Table', 'PartialObjectMetadata'] as const
const kubectlTable =
  'application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json'

it.each([
  [undefined, 'object'],
  ['*/*', 'object'],
  ['application/json, */*', 'object'],
  [kubectlTable, 'Table'],
  ['application/json;as=Table;v=v9;g=meta.k8s.io,application/json', 'object'],
  ['application/json;as=Table;v=v1;g=other,application/json', 'object'],
  ['application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1', 'PartialObjectMetadata'],
  ['application/vnd.kubernetes.protobuf,application/json', 'object'],
  ['application/json;q=0.5,application/json;as=Table;v=v1;g=meta.k8s.io', 'Table'],
  ['application/json;stream=watch', 'object'],
])('%s is answered with %s', (accept, shape) => {
  expect(negotiate(accept, shapes).shape).toBe(shape)
})

it.each([
  'application/yaml',
  'application/vnd.kubernetes.protobuf',
  'application/json;q=0',
  'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1',
])('%s is not acceptable (406)', (accept) => {
  expect(() => negotiate(accept, shapes)).toThrow(
    expect.objectContaining({ reason: 'NotAcceptable', code: 406 }),
  )
})

it('keeps the version of the Table that was asked for', () => {
  expect(negotiate('application/json;as=Table;v=v1beta1;g=meta.k8s.io', shapes).metaVersion).toBe(
    'v1beta1',
  )
})
