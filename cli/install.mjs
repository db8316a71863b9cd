/**
 * Installs and builds what is missing or out of date, before `npm start` and `npm test`.
 * It runs on a fresh clone, so it uses nothing but Node 20 itself.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..')
const SOURCES = ['client', 'cli/build.ts', 'cli/bundle.ts', 'package-lock.json']
const BUILT = 'dist/stepcast.js'

if (!isInstalled()) {
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], 'Installing what package-lock.json lists …')
}
if (Math.max(...SOURCES.map(changedMs)) > changedMs(BUILT)) {
  run('npm', ['run', '--silent', 'build'], 'Building what browsers load …')
}

/** npm keeps what it has installed in a lock file of its own, and writes that when it is done. */
function isInstalled() {
  const installed = packagesOf('node_modules/.package-lock.json')
  const wanted = Object.entries(packagesOf('package-lock.json')).filter(([path, { optional }]) => path && !optional)
  return wanted.every(([path, { version }]) => installed[path]?.version === version)
}

function packagesOf(file) {
  return existsSync(join(root, file)) ? JSON.parse(readFileSync(join(root, file), 'utf8')).packages : {}
}

/** When a file, or the newest file of a folder, was last written; 0 where there is none. */
function changedMs(path) {
  const found = statSync(join(root, path), { throwIfNoEntry: false })
  if (!found?.isDirectory()) return found?.mtimeMs ?? 0
  return Math.max(found.mtimeMs, ...readdirSync(join(root, path)).map((name) => changedMs(join(path, name))))
}

function run(command, args, why) {
  process.stderr.write(`${why}\n`)
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  })
  if (status === 0) return
  process.stderr.write(`\`${command} ${args.join(' ')}\` failed${error ? `: ${error.message}` : ''}.\n`)
  process.exit(status ?? 1)
}
