import { Counter, Gauge, Histogram, type Metric, type Registry } from '@prometheus-io/client'

/**
 * Makes metrics in a registry, or finds them there: two servers, or two workers, that share a registry are counted
 * together.
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

/** Buckets in seconds, from a statement that waits for no other to one that runs into its timeout. */
export const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
/** Buckets for batch sizes, up to what one flush takes at most. */
export const SIZES = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000]
