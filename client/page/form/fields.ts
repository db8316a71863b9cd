import type { JsonObject } from '../../../db/contract.ts'

/** One value of an input and the control that suits it, derived from its JSON Schema. */
export type Field = FieldBase & Kind

interface FieldBase {
  /** Its name among its siblings; '' for the whole input and for items of a list. */
  name: string
  title: string
  description: string
  required: boolean
  /** It may be null, but not missing: left empty, it is null. */
  isNull: boolean
  /** The schema's default; undefined: none. */
  initial: unknown
}

type Kind =
  | {
      kind: 'text'
      input: 'text' | 'date' | 'datetime-local' | 'email' | 'url' | 'lines'
      maxLength: number | null
      /** A regular expression that the value must match; null: none, or a format is more specific. */
      pattern: string | null
    }
  | { kind: 'number' }
  | { kind: 'boolean' }
  | { kind: 'choice'; values: readonly unknown[] }
  /** `isClosed`: no other properties are accepted. */
  | { kind: 'object'; fields: readonly Field[]; isClosed: boolean }
  | { kind: 'list'; item: Field }
  /** A value without a control of its own is edited as JSON. */
  | { kind: 'json' }

/** The greatest depth of a form: what is nested deeper, as in a recursive schema, is edited as JSON. */
const DEEPEST = 5
/** A text field that allows more characters than this gets more than one line. */
const LONG = 200
const INPUTS = { date: 'date', 'date-time': 'datetime-local', email: 'email', uri: 'url' } as const

/** The field of a whole input; left empty, one of JSON is `{}`. null: no schema is known. */
export function fieldOf(schema: JsonObject | null): Field {
  const root = schema ?? {}
  const field = describe('', root, { required: true, root, depth: 0 })
  field.required &&= field.kind !== 'json'
  return field
}

interface Around {
  required: boolean
  /** Where `$ref` is resolved. */
  root: JsonObject
  depth: number
}

function describe(name: string, given: JsonObject, around: Around): Field {
  const { schema, isNullable } = simplify(given, around.root)
  const text = (value: unknown) => (typeof value === 'string' ? value : '')
  const initial = given.default ?? schema.default
  const isNeeded = around.required && initial === undefined
  const base = {
    name,
    title: text(given.title) || text(schema.title) || name,
    description: text(given.description) || text(schema.description),
    required: isNeeded && !isNullable,
    isNull: isNeeded && isNullable,
    initial,
  }
  return { ...base, ...kindOf(schema, around) }
}

function kindOf(schema: JsonObject, around: Around): Kind {
  const { type, enum: values, const: only, format, maxLength, pattern } = schema
  if (Array.isArray(values) && values.length > 0) return { kind: 'choice', values }
  if (only !== undefined) return { kind: 'choice', values: [only] }
  if (type === 'number' || type === 'integer') return { kind: 'number' }
  if (type === 'boolean') return { kind: 'boolean' }
  if (type === 'string') {
    const most = typeof maxLength === 'number' ? maxLength : null
    const known = INPUTS[format as keyof typeof INPUTS]
    return {
      kind: 'text',
      input: known ?? ((most ?? 0) > LONG ? 'lines' : 'text'),
      maxLength: most,
      pattern: typeof pattern === 'string' && format === undefined ? pattern : null,
    }
  }
  return (around.depth < DEEPEST && structureOf(schema, around)) || { kind: 'json' }
}

function structureOf(schema: JsonObject, { root, depth }: Around): Kind | null {
  const properties = asObject(schema.properties)
  if (properties !== null) {
    const needed: unknown[] = Array.isArray(schema.required) ? schema.required : []
    const fields = inOrder(properties, schema.propertyOrder).map((name) =>
      describe(name, asObject(properties[name]) ?? {}, { required: needed.includes(name), root, depth: depth + 1 }),
    )
    return { kind: 'object', fields, isClosed: schema.additionalProperties === false }
  }
  const items = asObject(schema.items)
  if (schema.type !== 'array' || items === null) return null
  return { kind: 'list', item: describe('', items, { required: true, root, depth: depth + 1 }) }
}

/** The database keeps the members of an object in an order of its own. */
function inOrder(properties: JsonObject, order: unknown): string[] {
  const told: string[] = Array.isArray(order) ? order.filter((name) => Object.hasOwn(properties, name)) : []
  return [...new Set([...told, ...Object.keys(properties)])]
}

/** The limit for choices within choices, since a recursive schema has no end. */
const DEEPEST_CHOICE = 8

/** Resolves `$ref`; reduces a choice to its only option besides null; turns a choice of constants into an enum. */
function simplify(given: JsonObject, root: JsonObject, depth = 0): { schema: JsonObject; isNullable: boolean } {
  const schema = resolve(given, root)
  const types: JsonObject[] = Array.isArray(schema.type) ? schema.type.map((type) => ({ type })) : []
  const options =
    [schema.anyOf, schema.oneOf].find(Array.isArray)?.map((each) => resolve(asObject(each) ?? {}, root)) ?? types
  const isNullable = options.some(({ type }) => type === 'null')
  const some = options.filter((each) => each.type !== 'null' && Object.keys(each).length > 0)
  const [only] = some
  if (only && some.length === 1) {
    const isChoice = depth < DEEPEST_CHOICE && (only.anyOf ?? only.oneOf) !== undefined
    const inner = isChoice ? simplify(only, root, depth + 1) : { schema: only, isNullable: false }
    return { schema: { ...schema, ...inner.schema }, isNullable: isNullable || inner.isNullable }
  }
  const isConstant = some.length > 0 && some.every((each) => each.const !== undefined)
  return { schema: isConstant ? { ...schema, enum: some.map((each) => each.const) } : schema, isNullable }
}

function resolve(schema: JsonObject, root: JsonObject): JsonObject {
  const [, name] = /^#\/(?:\$defs|definitions)\/(.+)$/.exec(String(schema.$ref ?? '')) ?? []
  const defined = name === undefined ? null : asObject({ ...asObject(root.definitions), ...asObject(root.$defs) }[name])
  return defined === null ? schema : { ...defined, ...schema }
}

export function asObject(value: unknown): JsonObject | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : null
}
