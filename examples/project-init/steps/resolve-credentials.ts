import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Context } from '../context.ts'
import { author, gitVersion } from '../git.ts'
import { pause } from '../pace.ts'
import { dataFolder } from '../settings.ts'

/** Who acts, and with what. The output is stored in the database: it names the author, and never contains a secret. */
export async function resolveCredentials(ctx: Context) {
  const { signal } = ctx
  await checkDataFolder(ctx.run.id)
  ctx.report({ current: 1, total: 2 }, { en: 'Data folder is writable', 'zh-CN': '数据目录可写' })
  await pause(signal)

  const version = await gitVersion(dataFolder, signal)
  ctx.report({ current: 2, total: 2 }, { en: `Git ${version} is ready`, 'zh-CN': `Git ${version} 已就绪` })
  ctx.log(`git ${version}, as ${author.name} <${author.email}>, in ${dataFolder}`)
  await pause(signal)
  return { author, git: version }
}

async function checkDataFolder(run: string): Promise<void> {
  const probe = join(dataFolder, `probe-${run}`)
  try {
    await mkdir(dataFolder, { recursive: true })
    await writeFile(probe, '')
    await rm(probe, { force: true })
  } catch (cause) {
    throw new Error(`The data folder ${dataFolder} cannot be written to: make it writable, then retry.`, { cause })
  }
}
