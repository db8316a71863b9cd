import type { JsonObject } from '../../../db/contract.ts'
import type { FieldError } from '../../problem.ts'
import { asObject, type Field } from './fields.ts'

/**
 * The state of a form: text as it was typed, whether a box is ticked, the index of a choice, and lists and objects of
 * these; or any of them that nobody has touched.
 */
export type Draft = string | boolean | Draft[] | { [name: string]: Draft } | Untouched

/**
 * A known value beside what its control shows of it: it is sent as it was, since a control cannot hold each value, such
 * as null, or a time with another zone.
 */
class Untouched {
  readonly value: unknown
  readonly shown: Draft

  constructor(value: unknown, shown: Draft) {
    this.value = value
    this.shown = shown
  }
}

/** What its control holds. */
export function shownOf(draft: Draft): Draft {
  return draft instanceof Untouched ? draft.shown : draft
}

/** Why a value cannot be sent; the form says it in the reader's language. */
export type Complaint = 'required' | 'notNumber' | 'notJson' | 'notPattern'

export interface Reading {
  /** undefined: nothing was filled in, and the schema's own default applies. */
  value: unknown
  complaints: FieldError[]
}

/** The initial state of a form: a known value, else the schema's default. */
export function draftOf(field: Field, value: unknown = field.initial): Draft {
  if (field.kind === 'object') return draftOfObject(field, value)
  if (field.kind === 'list' && Array.isArray(value) && value.length > 0)
    return value.map((each) => draftOf(field.item, each))
  const shown = stateOf(field, value)
  return value === undefined ? shown : new Untouched(value, shown)
}

function draftOfObject(field: Field & { kind: 'object' }, value: unknown): Draft {
  const known = asObject(value)
  const entries = Object.entries(known ?? {})
  const shown = Object.fromEntries([
    ...(field.isClosed ? [] : entries.map(([name, each]) => [name, new Untouched(each, '')])),
    ...field.fields.map((each) => [each.name, draftWithin(known, each)]),
  ])
  // one that may be missing is not made of the defaults within it
  return field.required || entries.length > 0 ? shown : new Untouched(value, shown)
}

/** What a known object leaves out stays out, although its default is shown. */
function draftWithin(known: JsonObject | null, field: Field): Draft {
  const value = known?.[field.name]
  const isLeftOut = known !== null && value === undefined && !field.required
  return isLeftOut ? new Untouched(undefined, shownOf(draftOf(field))) : draftOf(field, value)
}

/** What a control shows of a value. */
function stateOf(field: Field, value: unknown): Draft {
  switch (field.kind) {
    case 'list':
      return []
    case 'boolean':
      return value === true
    case 'choice': {
      const at = field.values.findIndex((each) => JSON.stringify(each) === JSON.stringify(value))
      return at < 0 ? '' : String(at)
    }
    case 'json':
      return value === undefined ? '' : JSON.stringify(value, null, 2)
    default:
      return field.kind === 'text' && field.input === 'datetime-local' ? localTime(value) : String(value ?? '')
  }
}

/**
 * Reads the value of a draft; empty fields are left out. Paths have the form of the server's errors, such as
 * `input.tags.0`.
 */
export function read(field: Field, draft: Draft, path = 'input'): Reading {
  if (draft instanceof Untouched) return { value: draft.value, complaints: [] }
  if (field.kind === 'object') return readObject(field, draft, path)
  if (field.kind === 'list') return readList(field, draft, path)
  if (field.kind === 'boolean') {
    const isSaid = draft === true || field.required || field.isNull || field.initial !== undefined
    return { value: isSaid ? draft === true : undefined, complaints: [] }
  }
  const text = String(draft).trim()
  if (text === '') return { value: undefined, complaints: field.required ? [complain(path, 'required')] : [] }
  return readText(field, String(draft), path)
}

function readText(field: Field, text: string, path: string): Reading {
  switch (field.kind) {
    case 'choice':
      return { value: field.values[Number(text)], complaints: [] }
    case 'number': {
      const value = Number(text)
      return { value, complaints: Number.isFinite(value) ? [] : [complain(path, 'notNumber')] }
    }
    case 'text': {
      const value = field.input === 'datetime-local' ? isoTime(text) : text
      return { value, complaints: hasForm(field.pattern, value) ? [] : [complain(path, 'notPattern')] }
    }
    default:
      return readJson(text, path)
  }
}

/** In the format of the input; a time that has none there, as in the year 20266, is left to the server to refuse. */
function isoTime(text: string): string {
  const time = new Date(text)
  return Number.isNaN(time.getTime()) ? text : time.toISOString()
}

/** Tests as the server does; its error message would only be the expression itself. */
function hasForm(pattern: string | null, text: string): boolean {
  try {
    return pattern === null || new RegExp(pattern).test(text)
  } catch {
    return true
  }
}

function readJson(text: string, path: string): Reading {
  try {
    return { value: JSON.parse(text), complaints: [] }
  } catch {
    return { value: undefined, complaints: [complain(path, 'notJson')] }
  }
}

function readObject(field: Field & { kind: 'object' }, draft: Draft, path: string): Reading {
  const drafts = draft as { [name: string]: Draft }
  const readings = field.fields.map(
    (each) => [each.name, read(each, drafts[each.name] ?? '', `${path}.${each.name}`)] as const,
  )
  // what is no field of the form is untouched
  const all = { ...(drafts as { [name: string]: Untouched }), ...Object.fromEntries(readings) }
  const said = Object.entries(all).filter(([, each]) => each.value !== undefined)
  const value: JsonObject = Object.fromEntries(said.map(([name, each]) => [name, each.value]))
  // an optional object that is empty is left out, and its required fields are not asked for
  if (!field.required && field.initial === undefined && said.length === 0) return { value: undefined, complaints: [] }
  for (const { name, isNull } of field.fields) if (isNull) value[name] ??= null
  return { value, complaints: readings.flatMap(([, { complaints }]) => complaints) }
}

function readList(field: Field & { kind: 'list' }, draft: Draft, path: string): Reading {
  const readings = (draft as Draft[]).map((each, index) => read(field.item, each, `${path}.${index}`))
  const isSaid = readings.length > 0 || field.required || field.initial !== undefined
  return {
    value: isSaid ? readings.map(({ value }) => value) : undefined,
    complaints: readings.flatMap(({ complaints }) => complaints),
  }
}

function complain(path: string, message: Complaint): FieldError {
  return { path, message }
}

/** The value that the control expects: local time, without a zone. */
function localTime(value: unknown): string {
  const time = typeof value === 'string' ? new Date(value) : new Date(Number.NaN)
  if (Number.isNaN(time.getTime())) return ''
  const local = new Date(time.getTime() - time.getTimezoneOffset() * 60_000).toISOString().slice(0, 23)
  return local.replace(/(:00)?\.000$/, '')
}
