import type { LitElement } from 'lit'
import type {} from '../elements.ts'

/** Every element of ours by its name, as the page knows them. */
export type StepcastElements = {
  [Tag in keyof HTMLElementTagNameMap as Tag extends `stepcast-${string}` ? Tag : never]: HTMLElementTagNameMap[Tag]
}

/**
 * What can be set on an element: its properties, and as attributes the same in kebab-case. `Flag`: what an attribute that
 * is on or off takes. Only React leaves out one that is false; others write "false", and it is on: there the property
 * takes what may be false.
 */
export type Settings<Element, Flag = true> = { [Name in OwnProperties<Element>]?: Element[Name] } & {
  [Name in OwnProperties<Element> as Kebab<Name>]?: Attribute<Element[Name], Flag>
}

/** As React 19, Preact and Svelte name the listeners of an element's events: `onstepcast-end`. */
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
