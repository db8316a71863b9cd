import type { LitElement } from 'lit'
import type {} from '../elements.ts'

/** Every Stepcast element by its tag name. */
export type StepcastElements = {
  [Tag in keyof HTMLElementTagNameMap as Tag extends `stepcast-${string}` ? Tag : never]: HTMLElementTagNameMap[Tag]
}

/**
 * What can be set on an element: its properties, and the same as attributes in kebab-case. `Flag`: the type of a
 * boolean attribute. Only React omits one that is false; the others write "false", which turns it on: with those, set
 * the property if the value may be false.
 */
export type Settings<Element, Flag = true> = { [Name in OwnProperties<Element>]?: Element[Name] } & {
  [Name in OwnProperties<Element> as Kebab<Name>]?: Attribute<Element[Name], Flag>
}

/** Listeners of an element's events under the names that React 19, Preact and Svelte use: `onstepcast-end`. */
export type Listeners = {
  [Name in keyof HTMLElementEventMap as Name extends `stepcast-${string}` ? `on${Name}` : never]?: (
    event: HTMLElementEventMap[Name],
  ) => void
}

type OwnProperties<Element> = {
  [Name in Exclude<keyof Element, keyof LitElement>]: Element[Name] extends (...given: never[]) => unknown
    ? never
    : Name
}[Exclude<keyof Element, keyof LitElement>] &
  string

type Attribute<Value, Flag> = Value extends boolean ? Flag | undefined : Extract<Value, string | number> | undefined

type Kebab<Name extends string> = Name extends `${infer First}${infer Rest}`
  ? `${First extends Lowercase<First> ? First : `-${Lowercase<First>}`}${Kebab<Rest>}`
  : ''
