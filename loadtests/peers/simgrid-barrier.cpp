// Peer of the virtual engine: the same broadcast and answers as SimGrid actors at two barriers. Arguments: CPUs, phases.
#include <simgrid/s4u.hpp>

#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <sys/resource.h>

namespace sg = simgrid::s4u;

static uint32_t word = 42;

// Seconds, whole nanoseconds with a mean of 1 ms, from the xorshift that the heap floor uses too.
static double DelayS() {
  word ^= word << 13;
  word ^= word >> 17;
  word ^= word << 5;
  return std::ceil(-std::log(1 - word / 4294967296.0) * 1e6) * 1e-9;
}

int main(int argc, char** argv) {
  sg::Engine engine(&argc, argv);
  if (argc != 3) return 254;
  const long cpus = std::atol(argv[1]);
  const long phases = std::atol(argv[2]);
  // All actors on one host: what is timed is the barrier, and no network.
  auto* zone = sg::create_full_zone("machine");
  auto* host = zone->create_host("host", 1e9);
  zone->seal();
  auto asked = sg::Barrier::create(cpus + 1);
  auto answered = sg::Barrier::create(cpus + 1);
  for (long cpu = 0; cpu < cpus; cpu++) {
    sg::Actor::create("cpu", host, [=] {
      for (long phase = 0; phase < phases; phase++) {
        asked->wait();
        sg::this_actor::sleep_for(DelayS());
        answered->wait();
      }
    });
  }
  sg::Actor::create("coordinator", host, [=] {
    for (long phase = 0; phase < phases; phase++) {
      asked->wait();
      answered->wait();
    }
  });
  const auto begun = std::chrono::steady_clock::now();
  engine.run();
  const std::chrono::duration<double, std::micro> elapsed = std::chrono::steady_clock::now() - begun;
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  std::printf("{\"millionPerSecond\":%.4f,\"maxRssMb\":%.1f}\n", cpus * static_cast<double>(phases) / elapsed.count(), usage.ru_maxrss / 1024.0);
}
