/** Where each project runs, and with how many replicas. */
export const environments = [
  { name: 'dev', replicas: 1 },
  { name: 'staging', replicas: 2 },
  { name: 'production', replicas: 3 },
] as const

/** The path of the manifest for a project's environment in the GitOps repository. */
export function manifestPath(project: string, environment: string): string {
  return `projects/${project}/${environment}.yaml`
}
