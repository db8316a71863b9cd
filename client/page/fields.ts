import type { JsonObject } from '../../db/contract.ts'
import type { FieldError } from '../problem.ts'

/** One field of a form, told from one property of a JSON Schema. */
export interface Field {
  name: string
  title: string
  description: string
  /** `json`: whatever has no field of its own is written as JSON. */
  kind: 'text' | 'number' | 'boolean' | 'choice' | 'json'
  required: boolean
  choices: string[]
  /** What it shows at first, as text. */
  initial: string
  maxLength: number | null
}

/** The fields of an input schema; null: the input is no plain object and is written as JSON as a whole. */
export function fieldsOf(schema: JsonObject | null): Field[] | null {
  const properties = asObject(schema?.properties)
  if (properties === null) return null
  const required = Array.isArray(schema?.required) ? schema.required : []
  return Object.entries(properties).map(([name, property]) => fieldOf(name, asObject(property) ?? {}, required))
}

/** What the values say; an empty field is left out, so that the schema's own default or complaint counts. */
export function inputOf(fields: Field[], values: Record<string, string>): { input: JsonObject; errors: FieldError[] } {
  const input: JsonObject = {}
  const errors: FieldError[] = []
  for (const field of fields) {
    const text = values[field.name] ?? ''
    if (text.trim() === '') continue
    try {
      input[field.name] = readValue(field, text)
    } catch (error) {
      errors.push({ path: field.name, message: (error as Error).message })
    }
  }
  return { input, errors }
}

/** The field that an error's path (`input.name`, `name`, `input.tags.0`) is about; null: none of them. */
export function fieldOfPath(fields: Field[], path: string): Field | null {
  const [first, second] = path.split('.')
  return fields.find(({ name }) => name === (first === 'input' ? second : first)) ?? null
}

function fieldOf(name: string, property: JsonObject, required: unknown[]): Field {
  const choices = Array.isArray(property.enum) ? property.enum.map(String) : []
  const { default: initial, maxLength } = property
  return {
    name,
    title: asText(property.title) ?? name,
    description: asText(property.description) ?? '',
    kind: kindOf(property, choices),
    required: required.includes(name) && initial === undefined,
    choices,
    initial: initial === undefined ? '' : typeof initial === 'string' ? initial : JSON.stringify(initial),
    maxLength: typeof maxLength === 'number' ? maxLength : null,
  }
}

function kindOf({ type }: JsonObject, choices: string[]): Field['kind'] {
  if (choices.length > 0 && type === 'string') return 'choice'
  if (type === 'string') return 'text'
  if (type === 'number' || type === 'integer') return 'number'
  return type === 'boolean' ? 'boolean' : 'json'
}

function readValue({ kind }: Field, text: string): unknown {
  if (kind === 'number') return Number(text)
  if (kind === 'boolean') return text === 'true'
  return kind === 'json' ? JSON.parse(text) : text
}

function asObject(value: unknown): JsonObject | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : null
}

function asText(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}
