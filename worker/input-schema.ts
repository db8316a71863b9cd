import { z } from 'zod'

type Json = z.core.JSONSchema.BaseSchema
type Def = z.core.$ZodTypes['_zod']['def']
/** The rules for strings that matter here. */
type TextRule = { format?: string; pattern?: RegExp; delimiter?: string; position?: number }

/** Flags without which a regular expression means something else. */
const TELLING_FLAGS = /[imsuv]/
/** Formats that zod checks without the pattern that it publishes, which does not know `::ffff:192.0.2.1`. */
const WITHOUT_PATTERN = ['ipv6', 'cidrv6']
/** Keywords that describe a value and do not constrain it. */
const ABOUT = new Set(['id', 'title', 'description', 'default', 'examples'])
const BOUND = /^(min|max|exclusiveM|multipleOf|pattern$|format$|contentEncoding$|allOf$)/

/** The input of a workflow as JSON Schema. */
export interface InputSchema {
  /** The schema that the server checks with, and that forms are made from. */
  published: object
  /** The same without its defaults, so that it is the same in every process, and without the order of its fields. */
  constant: object
}

/**
 * Leaves out what JSON Schema would express more strictly than the schema itself: the worker checks again, and nothing
 * that it accepts may be refused before. Also leaves out a default that differs each time, such as the time.
 * @throws a TypeError for what JSON cannot represent
 */
export function inputSchemaOf(workflow: string, input: z.ZodType): InputSchema {
  const defaults = new Map<z.core.$ZodTypes, string>()
  const constant = toJson(workflow, input, (schema, json) => {
    if (json.default !== undefined) defaults.set(schema, JSON.stringify(json.default))
    delete json.default
  })
  if (defaults.size > 0) letClockMove()
  const published = toJson(workflow, input, (schema, json) => {
    const before = defaults.get(schema)
    if (before !== undefined && before !== JSON.stringify(json.default)) delete json.default
    keepOrder(json)
  })
  return { published, constant }
}

/** Of a jsonb, the members come in an order of its own: forms would show them jumbled. */
function keepOrder(json: Json): void {
  const names = Object.keys(json.properties ?? {})
  if (names.length > 1) json.propertyOrder = names
}

/** Waits for the next millisecond, so that a default that is the time is seen to differ. */
function letClockMove(): void {
  const now = Date.now()
  while (Date.now() === now);
}

function toJson(workflow: string, input: z.ZodType, change: (schema: z.core.$ZodTypes, json: Json) => void): object {
  const override = ({ zodSchema, jsonSchema }: { zodSchema: z.core.$ZodTypes; jsonSchema: Json }) => {
    widen(zodSchema, jsonSchema)
    change(zodSchema, jsonSchema)
  }
  try {
    return z.toJSONSchema(input, { io: 'input', override })
  } catch (cause) {
    throw new TypeError(
      `the input of workflow ${workflow} has no JSON Schema: ${(cause as Error).message}. Use what JSON knows, such as z.iso.datetime() for a date.`,
      { cause },
    )
  }
}

function widen({ _zod: { def } }: z.core.$ZodTypes, json: Json): void {
  if (def.type === 'string') widenText(def, json)
  if (def.type === 'object') allowAbsent(def, json)
  if (def.type === 'union') allowSeveral(def, json)
  if (isRewrittenFirst(def)) allowUnbounded(def, json)
  if (takesAnything(def)) allowAnything(json)
}

function widenText(def: z.core.$ZodStringDef, json: Json): void {
  const rules = [def, ...(def.checks ?? []).map(({ _zod }) => _zod.def)] as TextRule[]
  if (rules.some(isReadNarrower)) delete json.format
  if (!rules.some(isMoreThanItsSource)) return
  delete json.pattern
  delete json.allOf
}

/** Whether the server would accept fewer strings of this format. */
function isReadNarrower({ format, pattern, delimiter = ':' }: TextRule): boolean {
  return format === 'guid' || (format === 'email' && pattern !== z.regexes.email) || delimiter !== ':'
}

function isMoreThanItsSource({ format = '', pattern, position }: TextRule): boolean {
  return WITHOUT_PATTERN.includes(format) || TELLING_FLAGS.test(pattern?.flags ?? '') || position !== undefined
}

/** A member may be missing if a default, or a function of the application, stands in for it. */
function allowAbsent({ shape }: z.core.$ZodObjectDef, json: Json): void {
  const required = json.required?.filter((name) => shape[name]?._zod.optin === undefined) ?? []
  if (required.length > 0) json.required = required
  else delete json.required
}

/** Options may overlap once constraints are left out of them; those that a discriminator tells apart do not. */
function allowSeveral(def: z.core.$ZodUnionDef, json: Json): void {
  const isToldApart = 'discriminator' in def && !('unionFallback' in def && def.unionFallback)
  if (json.oneOf === undefined || isToldApart) return
  json.anyOf = json.oneOf
  delete json.oneOf
}

/** Whether a check applies to a value that has been rewritten before, for instance by `trim()`. */
function isRewrittenFirst({ checks = [] }: Def): boolean {
  const kinds = checks.map(({ _zod }) => _zod.def.check)
  const rewritten = kinds.indexOf('overwrite')
  return rewritten >= 0 && kinds.slice(rewritten).some((kind) => kind !== 'overwrite' && kind !== 'custom')
}

function allowUnbounded({ checks = [] }: Def, json: Json): void {
  const { minLength } = json
  for (const name of Object.keys(json)) if (BOUND.test(name)) delete json[name]
  // What is too short before trim() is also too short after it.
  if (minLength !== undefined && checks.every(({ _zod }) => trimsAtMost(_zod.def))) json.minLength = minLength
  if (json.type === 'integer') json.type = 'number'
}

/** zod does not say which function rewrites a string: it is recognised by what it does. */
function trimsAtMost(def: { check: string; tx?: (text: string) => unknown }): boolean {
  if (def.check !== 'overwrite') return true
  try {
    return [' \tßA\n', ''].every((text) => def.tx?.(text) === text.trim())
  } catch {
    return false
  }
}

function takesAnything(def: Def): boolean {
  if (def.type === 'pipe') return def.in._zod.def.type === 'transform'
  return def.type === 'catch' || def.type === 'success' || ('coerce' in def && def.coerce === true)
}

/** Accepts anything, and still tells forms what is wanted. */
function allowAnything(json: Json): void {
  if (json.anyOf?.some((option) => Object.keys(option).length === 0)) return
  const wanted = Object.entries(json).filter(([name]) => !ABOUT.has(name))
  for (const [name] of wanted) delete json[name]
  json.anyOf = [Object.fromEntries(wanted), {}]
}
