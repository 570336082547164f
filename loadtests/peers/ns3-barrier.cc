// Peer of the virtual engine: the same broadcast and answers as ns-3 events. Arguments: scheduler, CPUs, phases.
#include "ns3/core-module.h"

#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <sys/resource.h>
#include <vector>

using namespace ns3;

static long cpus, phases, phase, answers;
static std::vector<uint8_t> phaseOf;
static uint32_t word = 42;

// Whole nanoseconds with a mean of 1 ms, from the xorshift that the heap floor uses too.
static int64_t DelayNs() {
  word ^= word << 13;
  word ^= word >> 17;
  word ^= word << 5;
  return static_cast<int64_t>(std::ceil(-std::log(1 - word / 4294967296.0) * 1e6));
}

static void Broadcast();

static void Answer(int cpu) {
  phaseOf[cpu] = phase & 3;
  if (++answers < cpus) return;
  if (++phase < phases) Broadcast();
}

static void Broadcast() {
  answers = 0;
  for (int cpu = 0; cpu < cpus; cpu++) Simulator::Schedule(NanoSeconds(DelayNs()), &Answer, cpu);
}

int main(int argc, char** argv) {
  if (argc != 4) return 254;
  cpus = std::atol(argv[2]);
  phases = std::atol(argv[3]);
  phaseOf.resize(cpus);
  ObjectFactory scheduler;
  scheduler.SetTypeId("ns3::" + std::string(argv[1]));
  Simulator::SetScheduler(scheduler);
  Simulator::ScheduleNow(&Broadcast);
  const auto begun = std::chrono::steady_clock::now();
  Simulator::Run();
  const std::chrono::duration<double, std::micro> elapsed = std::chrono::steady_clock::now() - begun;
  Simulator::Destroy();
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  std::printf("{\"millionPerSecond\":%.3f,\"maxRssMb\":%.1f}\n", cpus * static_cast<double>(phases) / elapsed.count(), usage.ru_maxrss / 1024.0);
}
