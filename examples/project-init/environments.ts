/** Where each project runs, and in how many copies. */
export const environments = [
  { name: 'dev', replicas: 1 },
  { name: 'staging', replicas: 2 },
  { name: 'production', replicas: 3 },
] as const

/** Where the manifest of a project's environment stands in the GitOps repository. */
export function manifestPath(project: string, environment: string): string {
  return `projects/${project}/${environment}.yaml`
}
