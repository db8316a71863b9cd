import { Counter, Gauge, Histogram, type Metric, type Registry } from '@prometheus-io/client'

/**
 * Makes metrics in a registry, or finds them there: two servers, or two workers, that share one are counted together.
 */
export class Instruments {
  readonly #registry: Registry

  constructor(registry: Registry) {
    this.#registry = registry
  }

  counter<Label extends string = never>(name: string, help: string, labelNames: Label[] = []): Counter<Label> {
    return this.#find(name, () => new Counter({ name, help, labelNames, registers: [this.#registry] }))
  }

  gauge(name: string, help: string): Gauge {
    return this.#find(name, () => new Gauge({ name, help, registers: [this.#registry] }))
  }

  histogram<Label extends string = never>(
    name: string,
    help: string,
    buckets: number[],
    labelNames: Label[] = [],
  ): Histogram<Label> {
    return this.#find(name, () => new Histogram({ name, help, buckets, labelNames, registers: [this.#registry] }))
  }

  #find<M extends Metric>(name: string, make: () => M): M {
    return (this.#registry.getSingleMetric(name) as M | undefined) ?? make()
  }
}

/** Seconds, from a statement that meets no other to one that waits for its timeout. */
export const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
/** How many of something go together: as many as one flush takes at most. */
export const SIZES = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000]
