import { inspect } from 'node:util'

/**
 * Copies arrays and plain objects deeply, including circular references. Anything else that a schema may make, such as
 * a Date or the match of a regular expression, stays the same object.
 */
export function copy<T>(value: T, copies = new Map<unknown, unknown>()): T {
  if (!isPlain(value)) return value
  const known = copies.get(value)
  if (known) return known as T
  const made: unknown[] | Record<string, unknown> = Array.isArray(value) ? [] : {}
  copies.set(value, made)
  if (Array.isArray(made)) for (const member of value as unknown[]) made.push(copy(member, copies))
  else for (const [name, member] of Object.entries(value)) put(made, name, copy(member, copies))
  return made as T
}

/** The same, but each member is copied when it is first read: a handler reads few results of many. */
export function copyLazily(members: object): object {
  const made = {}
  for (const [name, member] of Object.entries(members)) {
    Object.defineProperty(made, name, {
      get: () => define(made, name, copy(member)),
      set: (value) => define(made, name, value),
      enumerable: true,
      configurable: true,
    })
  }
  // Printed like the object that it stands for.
  Object.defineProperty(made, inspect.custom, { value: () => ({ ...made }) })
  return made
}

/** Assigning `__proto__` would not make it a member. */
export function put(object: Record<string, unknown>, name: string, value: unknown): void {
  if (name === '__proto__') define(object, name, value)
  else object[name] = value
}

function define<T>(object: object, name: string, value: T): T {
  Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true })
  return value
}

function isPlain(value: unknown): value is object {
  if (Array.isArray(value)) return Object.getPrototypeOf(value) === Array.prototype && hasElementsAlone(value)
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
}

function hasElementsAlone(array: unknown[]): boolean {
  return Object.keys(array).length === array.length
}
