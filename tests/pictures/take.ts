/**
 * What `npm run pictures` runs: each state of the elements, light and dark, wide and narrow, in both languages, with forced
 * colours, with reduced motion and from right to left, into .stepcast/pictures/. Parts of names choose some:
 * `npm run pictures -- run/failed dark-320`.
 */

import { mkdir } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { launchBrowser } from '../support/browser.ts'
import { LOOKS, type Look, nameOf, type Picture } from './scene.ts'
import { allPictures, Sitting } from './sitting.ts'

const AT_ONCE = 3

const folder = resolve(import.meta.dirname, '../../.stepcast/pictures')
const wanted = process.argv.slice(2)

/** One state in one language, and how it is looked at. */
interface Task {
  name: string
  picture: Picture
  lang: Look['lang']
  looks: readonly Look[]
}

const browser = await launchBrowser()
const waiting = await tasks()
const failures: string[] = []
await Promise.all(Array.from({ length: AT_ONCE }, work))
await browser.close()
if (failures.length > 0) throw new Error(`Not drawn:\n${failures.join('\n')}`)

async function tasks(): Promise<Task[]> {
  const isWanted = (path: string) => wanted.every((part) => path.includes(part))
  return [...(await allPictures())]
    .flatMap(([name, picture]) =>
      (['en', 'zh-CN'] as const).map((lang) => {
        const looks = LOOKS.filter((look) => look.lang === lang && isWanted(pathOf(name, look)))
        return { name, picture, lang, looks }
      }),
    )
    .filter(({ looks }) => looks.length > 0)
}

async function work(): Promise<void> {
  for (let next = waiting.shift(); next; next = waiting.shift()) {
    const { name, lang } = next
    await take(next).catch((error: Error) => failures.push(`${name}, ${lang}: ${error.message}`))
  }
}

/** Brings a page into the state once, and looks at it in each way. */
async function take({ name, picture, lang, looks }: Task): Promise<void> {
  await using sitting = await Sitting.open(browser, picture, lang)
  for (const look of looks) {
    await sitting.become(look)
    const path = join(folder, `${pathOf(name, look)}.png`)
    await mkdir(dirname(path), { recursive: true })
    await sitting.page.locator('main').screenshot({ path, animations: 'disabled' })
    process.stdout.write(`${pathOf(name, look)}\n`)
  }
}

function pathOf(name: string, look: Look): string {
  return `${name}-${nameOf(look)}`
}
