// Whether the environment asks for telemetry: driver, coordinator and hosts each find out for themselves.

type Environment = Readonly<Record<string, string | undefined>>;

/** The variables are those of OpenTelemetry. */
export const isAsked = (env: Environment, signal: "TRACES" | "METRICS"): boolean =>
  env.OTEL_SDK_DISABLED?.toLowerCase() !== "true" &&
  (env[`OTEL_${signal}_EXPORTER`] ?? "otlp").includes("otlp") &&
  Boolean(env[`OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`] || env.OTEL_EXPORTER_OTLP_ENDPOINT);
