// Metrics in Prometheus' text format, in a registry of their own.

import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { Census } from "./census.ts";
import type { Observation } from "./observation.ts";

const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const SIZES = [1, 2, 4, 8, 16, 32, 64, 128, 256];

export interface MetricsSources {
  readonly census: Census;
  readonly inFlight: () => number;
  /** Also tell of the process: memory, processor, event loop. */
  readonly process?: boolean;
}

export class Metrics {
  readonly #registry = new Registry();
  readonly #requests: Counter;
  readonly #requestSeconds: Histogram;
  readonly #malformed: Counter;
  readonly #commands: Counter;
  readonly #commandSeconds: Histogram;
  readonly #batchSize: Histogram;
  readonly #batchSeconds: Histogram;
  readonly #faults: Counter;

  constructor({ census, inFlight, process = false }: MetricsSources) {
    const registers = [this.#registry];
    const counter = (name: string, help: string, labelNames: string[]) =>
      new Counter({ name, help, labelNames, registers });
    const histogram = (name: string, help: string, buckets: number[], labelNames: string[] = []) =>
      new Histogram({ name, help, buckets, labelNames, registers });
    this.#requests = counter("opentke_http_requests_total", "HTTP requests answered", ["route", "status"]);
    this.#requestSeconds = histogram(
      "opentke_http_request_duration_seconds",
      "From a request's header fields to its answer",
      SECONDS,
      ["route"],
    );
    this.#malformed = counter("opentke_http_malformed_total", "Connections closed because of what was no HTTP", [
      "code",
    ]);
    this.#commands = counter("opentke_commands_total", "Requests that units answered", [
      "command_id",
      "command",
      "return_code",
    ]);
    this.#commandSeconds = histogram(
      "opentke_command_duration_seconds",
      "From a request's arrival at the units to its answer, waiting for its batch included",
      SECONDS,
      ["command"],
    );
    this.#batchSize = histogram("opentke_batch_size", "Requests handled together", SIZES);
    this.#batchSeconds = histogram("opentke_batch_duration_seconds", "Handling of a batch", SECONDS);
    this.#faults = counter("opentke_faults_total", "Faults injected", ["fault"]);
    this.#gauges(census, inFlight);
    if (process) collectDefaultMetrics({ register: this.#registry });
  }

  /** Content type of {@link text}. */
  get type(): string {
    return this.#registry.contentType;
  }

  text(): Promise<string> {
    return this.#registry.metrics();
  }

  request(route: string, status: number, seconds: number): void {
    this.#requests.inc({ route, status });
    this.#requestSeconds.observe({ route }, seconds);
  }

  /** Something arrived that is no HTTP request; `code` is Node's name for what is wrong. */
  malformed(code: string): void {
    this.#malformed.inc({ code });
  }

  command({ commandId, command, returnCode }: Observation, seconds: number): void {
    this.#commands.inc({ command_id: commandId, command, return_code: returnCode });
    this.#commandSeconds.observe({ command }, seconds);
  }

  readonly batch = (size: number, seconds: number): void => {
    this.#batchSize.observe(size);
    this.#batchSeconds.observe(seconds);
  };

  fault(fault: string): void {
    this.#faults.inc({ fault });
  }

  /** What is counted when it is asked for. */
  #gauges(census: Census, inFlight: () => number): void {
    const registers = [this.#registry];
    new Gauge({
      name: "opentke_http_requests_in_flight",
      help: "HTTP requests under way",
      registers,
      collect() {
        this.set(inFlight());
      },
    });
    new Gauge({
      name: "opentke_registers",
      help: "Master key registers by state",
      labelNames: ["register", "state"],
      registers,
      collect() {
        const { current, next } = census.counts();
        for (const [state, count] of Object.entries(current)) this.set({ register: "current", state }, count);
        for (const [state, count] of Object.entries(next)) this.set({ register: "new", state }, count);
      },
    });
    new Gauge({
      name: "opentke_units",
      help: "Crypto units",
      registers,
      collect() {
        this.set(census.counts().units);
      },
    });
  }
}
