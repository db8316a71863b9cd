import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser } from 'playwright-core'
import { overflows, violations } from '../client/element-page.ts'
import { launchBrowser } from '../support/browser.ts'
import { size } from '../support/size.ts'
import type { Look } from './scene.ts'
import { allPictures, Sitting } from './sitting.ts'

const ALL: Look[] = [
  { theme: 'light', width: 1280, lang: 'en' },
  { theme: 'dark', width: 1280, lang: 'en' },
  { theme: 'light', width: 320, lang: 'zh-CN' },
  { theme: 'dark', width: 320, lang: 'zh-CN' },
  { theme: 'dark', width: 320, lang: 'en', wish: 'right-to-left' },
]
const looks = size(ALL.slice(3, 4), ALL)
/** What no other quick test looks at. */
const FEW = ['log/none-fits', 'runs/gone', 'stats/step-refused', 'dashboard/journal']

const pictures = await allPictures()

let browser: Browser
before(async () => {
  browser = await launchBrowser()
})
after(() => browser.close())

for (const name of size(FEW, [...pictures.keys()]))
  test(`${name}: nothing for axe to complain of, in either theme, and nothing scrolls sideways`, async () => {
    const picture = pictures.get(name)
    assert.ok(picture)
    for (const lang of new Set(looks.map((look) => look.lang))) {
      await using sitting = await Sitting.open(browser, picture, lang)
      for (const look of looks.filter((each) => each.lang === lang)) {
        await sitting.become(look)
        // the elements are those of the first look
        const rules = look === looks[0] ? undefined : ['color-contrast', 'target-size']
        const found = await violations(sitting.page, rules)
        assert.deepEqual([found, await overflows(sitting.page)], [[], false], `${look.theme}, ${look.width} px`)
      }
    }
  })
