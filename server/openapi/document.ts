import { readFileSync } from 'node:fs'
import { z } from 'zod'
import * as asked from '../routes/requests.ts'
import { OPERATIONS, type Operation } from './operations.ts'
import { answers } from './schemas.ts'

export type Json = { [key: string]: unknown }

const PARAMETERS: Record<string, Json> = {
  id: { type: 'string', format: 'uuid', description: 'Of the run' },
  workflow: { type: 'string' },
  key: { type: 'string', description: "The application's own name for the run" },
  chunk: { type: 'string' },
}

const LAST_EVENT = {
  name: 'Last-Event-ID',
  in: 'header',
  description: 'Id of the last event that was seen: what came after it comes, and no snapshot where that is enough',
  schema: { type: 'string' },
}

const PROBLEM = { 'application/problem+json': { schema: { $ref: reference('Problem') } } }

/** The OpenAPI 3.1 document. `prefix`: where the server is mounted. */
export function makeDocument(prefix = ''): Json {
  const schemas = { ...convert(asked, 'input'), ...convert(answers, 'output') }
  const paths: Record<string, Json> = {}
  for (const [name, operation] of Object.entries(OPERATIONS)) {
    const [method = '', path = ''] = name.split(' ')
    const address = path.replace(/:(\w+)/g, '{$1}')
    paths[address] = { ...paths[address], [method.toLowerCase()]: describe(path, operation, schemas) }
  }
  const isQuery = (name: string) => name.endsWith('Query')
  return {
    openapi: '3.1.0',
    info: {
      title: 'Stepcast',
      version: readVersion(),
      description: 'Multi-step work, durable and live.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: prefix || '/' }],
    security: [{ bearer: [] }, {}],
    paths,
    components: {
      schemas: Object.fromEntries(Object.entries(schemas).filter(([name]) => !isQuery(name))),
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'Or however the application authenticates.' },
      },
    },
  }
}

/** Every schema under its name with a capital letter; a schema that contains another refers to it. */
function convert(all: object, io: 'input' | 'output'): Record<string, Json> {
  const registry = z.registry<{ id: string }>()
  for (const [name, schema] of Object.entries(all)) {
    if (schema instanceof z.ZodType) registry.add(schema, { id: idOf(name) })
  }
  const options = io === 'output' ? { override: leaveOpen } : {}
  const { schemas } = z.toJSONSchema(registry, { io, uri: (id) => reference(id), ...options })
  return Object.fromEntries(Object.entries(schemas).map(([id, schema]) => [id, bare(schema)]))
}

function idOf(name: string): string {
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}`
}

function reference(id: string): string {
  return `#/components/schemas/${id}`
}

function describe(
  path: string,
  { summary, query, resumes, body, answer, isOpen }: Operation,
  schemas: Record<string, Json>,
): Json {
  const responses = Object.entries(answer).map(([status, { says, schema, types = ['application/json'] }]) => [
    status,
    {
      description: says,
      content: Object.fromEntries(types.map((type) => [type, { schema: schemaFor(type, schema) }])),
    },
  ])
  const asked = [...pathParameters(path), ...queryParameters(query && schemas[idOf(query)])]
  const parameters = resumes ? [...asked, LAST_EVENT] : asked
  return {
    summary,
    ...(parameters.length > 0 && { parameters }),
    ...(body && { requestBody: bodyOf(body, schemas) }),
    responses: { ...Object.fromEntries(responses), default: { description: 'Why not', content: PROBLEM } },
    ...(isOpen && { security: [] }),
  }
}

/** A body is required if any of its members is. */
function bodyOf(name: string, schemas: Record<string, Json>): Json {
  const isNeeded = schemas[idOf(name)]?.required !== undefined
  return { ...(isNeeded && { required: true }), content: { 'application/json': { schema: schemaFor('', name) } } }
}

function schemaFor(type: string, name: string | undefined): Json {
  if (name !== undefined && type !== 'text/plain') return { $ref: reference(idOf(name)) }
  return { type: type === 'application/json' ? 'object' : 'string' }
}

function pathParameters(path: string): Json[] {
  return [...path.matchAll(/:(\w+)/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    schema: PARAMETERS[name],
  }))
}

function queryParameters({ properties = {}, required = [] }: Json = {}): Json[] {
  const isRequired = (name: string) => (required as string[]).includes(name)
  return Object.entries(properties as Record<string, Json>).map(([name, schema]) => ({
    name,
    in: 'query',
    ...(isRequired(name) && { required: true }),
    schema,
  }))
}

/** A response may have more members in a later version, so its schema is not closed, unlike a request's. */
function leaveOpen({ jsonSchema }: { jsonSchema: Json }): void {
  if (jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties
}

function bare(schema: Json): Json {
  const { $schema: _, $id: __, ...rest } = schema
  return rest
}

function readVersion(): string {
  return JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version
}
