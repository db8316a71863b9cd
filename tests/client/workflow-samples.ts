import type { JsonObject, WorkflowInfo } from '../../db/contract.ts'

/** One of everything that a form can be made of. */
export const SCHEMA: JsonObject = {
  type: 'object',
  required: ['name', 'template', 'replicas', 'owner'],
  properties: {
    name: { type: 'string', title: 'Name', description: 'Lower case, as in addresses.', maxLength: 40 },
    template: { type: 'string', title: 'Template', enum: ['web', 'api'], default: 'web' },
    replicas: { type: 'integer', title: 'Replicas' },
    public: { type: 'boolean', title: 'Public', default: true },
    due: { type: 'string', format: 'date', title: 'Due' },
    at: { anyOf: [{ type: 'string', format: 'date-time' }, { type: 'null' }], title: 'Starts at' },
    notes: { type: 'string', title: 'Notes', maxLength: 2_000 },
    owner: { $ref: '#/$defs/person' },
    tags: { type: 'array', title: 'Tags', items: { type: 'string' } },
    environments: {
      type: 'array',
      title: 'Environments',
      items: {
        type: 'object',
        required: ['name'],
        properties: {
          name: { type: 'string', title: 'Name' },
          size: { title: 'Size', anyOf: [{ const: 1 }, { const: 2 }] },
        },
      },
    },
    labels: { type: 'object', title: 'Labels', additionalProperties: { type: 'string' } },
  },
  $defs: {
    person: {
      type: 'object',
      title: 'Owner',
      required: ['mail'],
      properties: { mail: { type: 'string', format: 'email', title: 'Mail' }, team: { type: 'string', title: 'Team' } },
    },
  },
}

export function aWorkflow(changes: Partial<WorkflowInfo> = {}): WorkflowInfo {
  return {
    name: 'project_init',
    version: 'v1',
    displayName: 'Project initialization',
    displayNames: { en: 'Project initialization', 'zh-CN': '项目初始化' },
    steps: ['Create repository', 'Push template', 'Finalize'].map((displayName) => ({
      step: displayName.toLowerCase().replace(' ', '_'),
      displayName,
      displayNames: null,
      weight: 1,
    })),
    inputSchema: SCHEMA,
    registeredAt: '2026-11-22T10:00:00.000Z',
    ...changes,
  }
}
