import { z } from 'zod'

const SLUG = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/

/** The input of a project. Titles and descriptions become the form on the start page. */
export const projectInput = z.object({
  name: z
    .string()
    .min(2, 'A name has at least 2 characters.')
    .max(40, 'A name has at most 40 characters.')
    .regex(
      SLUG,
      'A name is made of lower-case letters, digits and single hyphens and begins with a letter: aurora-web.',
    )
    .meta({ title: 'Name', description: 'Lower-case letters, digits and hyphens, such as aurora-web.' }),
  template: z
    .string()
    .max(40, 'A template’s name has at most 40 characters.')
    .default('web')
    .meta({ title: 'Template', description: 'What to begin with: web or api.' }),
  description: z
    .string()
    .max(200, 'A description has at most 200 characters.')
    .optional()
    .meta({ title: 'Description', description: 'One line for the README; may be left out.' }),
})

export type ProjectInput = z.infer<typeof projectInput>
