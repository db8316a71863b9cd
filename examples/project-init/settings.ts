import { join, resolve } from 'node:path'

/** The folder of repositories and work folders. Every worker must see the same folder: it plays the Git server. */
export const dataFolder = resolve(process.env.PROJECT_INIT_DIR ?? '.stepcast/project-init')

/** One folder per template. */
export const templatesFolder = resolve(process.env.PROJECT_INIT_TEMPLATES ?? join(import.meta.dirname, 'template'))

/** Milliseconds to pause after each file and check, so that people can watch; 0: no pause. */
export const paceMs = Number(process.env.PROJECT_INIT_PACE_MS ?? 100)

export const gitopsRepository = join(dataFolder, 'gitops.git')

export function projectRepository(name: string): string {
  return join(dataFolder, 'repositories', `${name}.git`)
}

/** A run's own folder: it outlives the process, so that a later attempt finds what this one has rendered. */
export function workFolder(run: string): string {
  return join(dataFolder, 'work', run)
}
