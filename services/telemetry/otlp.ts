// OpenTelemetry as the environment asks for it: nothing without OTEL_EXPORTER_OTLP_ENDPOINT or its kin.
import * as ConfigProvider from "effect/ConfigProvider";
import * as Effect from "effect/Effect";
import * as FetchHttpClient from "effect/http/FetchHttpClient";
import * as HttpClient from "effect/http/HttpClient";
import * as Layer from "effect/Layer";
import * as OtlpMetrics from "effect/observability/OtlpMetrics";
import * as OtlpSerialization from "effect/observability/OtlpSerialization";
import * as OtlpTracer from "effect/observability/OtlpTracer";
import { version } from "../recorder/manifest.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** What the standard says where nothing is said, and the library does not take for granted. */
const usual: Environment = { OTEL_TRACES_EXPORTER: "otlp", OTEL_METRICS_EXPORTER: "otlp" };

const given = (env: Environment): Record<string, string> =>
  Object.fromEntries(
    Object.entries({ ...usual, ...env }).filter((entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== ""),
  );

/** Says once what is wrong with the collector: a run does not fail of it. */
const client = (onNotice: (text: string) => void) => {
  let said = false;
  const say = (why: string): Effect.Effect<void> =>
    Effect.sync(() => {
      if (!said) onNotice(`telemetry did not arrive: ${why}`);
      said = true;
    });
  const watched = Effect.map(HttpClient.HttpClient, (http) =>
    http.pipe(
      HttpClient.tap(({ status }) => (status >= 400 ? say(`the collector answers ${status}`) : Effect.void)),
      HttpClient.tapError((error) => say(error.message)),
    ),
  );
  return Layer.effect(HttpClient.HttpClient, watched).pipe(Layer.provide(FetchHttpClient.layer));
};

/** Exports what is traced and counted for the life of the layer, and what is left at its end. */
export const layerTelemetry = (env: Environment, onNotice: (text: string) => void) => {
  const protocol = env.OTEL_EXPORTER_OTLP_PROTOCOL ?? "http/protobuf";
  if (protocol === "grpc") onNotice("OTEL_EXPORTER_OTLP_PROTOCOL: grpc is not spoken here: http/protobuf is");
  const resource = { serviceName: env.OTEL_SERVICE_NAME || "quiesce", serviceVersion: version };
  return Layer.mergeAll(OtlpTracer.layerFromConfig({ resource }), OtlpMetrics.layerFromConfig({ resource })).pipe(
    Layer.provide(protocol === "http/json" ? OtlpSerialization.layerJson : OtlpSerialization.layerProtobuf),
    Layer.provide(client(onNotice)),
    Layer.provide(ConfigProvider.layer(ConfigProvider.fromEnv({ env: given(env) }))),
  );
};
