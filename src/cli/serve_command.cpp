#include <poll.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "agentaudit/core/event_json.h"
#include "cli/command_table.h"
#include "cli/config_file.h"
#include "cli/environment.h"
#include "cli/interrupt.h"
#include "cli/key_option.h"
#include "cli/redaction_option.h"
#include "cli/spool.h"
#include "cli/store_option.h"
#include "cli/token_option.h"
#include "cli/trouble.h"
#include "core/whole_number.h"
#include "ledger/note_signer.h"
#include "render/figures.h"
#include "server/api.h"
#include "server/http_server.h"
#include "server/listener.h"

namespace agentaudit {
namespace {

constexpr std::uint16_t default_port = 4319;
constexpr std::chrono::milliseconds stop_patience{5'000};
constexpr std::chrono::milliseconds sign_interval{1'000};
// systemd's first descriptor (sd_listen_fds(3)).
constexpr int first_inherited = 3;

class ServeCommand final : public Command {
 public:
  void declare(CommandLine& line) override {
    store_.declare(line);
    line.option({"--listen"}, "ADDRESS", addresses_,
                "HOST:PORT or PORT; port 0 takes a free one (default 127.0.0.1:4319)");
    line.option({"--otlp-port"}, "PORT", otlp_port_,
                "Also listen there on loopback: 4318 is what OpenTelemetry's exporters expect");
    line.option({"--unix"}, "PATH", unix_path_, "Listen on a unix socket, for the own user alone")
        .value = OptionSpec::Value::file;
    tokens_.declare(line);
    line.option({"--tls-cert"}, "FILE", certificate_, "TLS: the certificate and its chain, PEM")
        .value = OptionSpec::Value::file;
    line.option({"--tls-key"}, "FILE", private_key_, "TLS: the certificate's private key, PEM")
        .value = OptionSpec::Value::file;
    line.option({"--allow-host"}, "NAME", options_.guard.hosts,
                "A name by which clients reach the daemon, besides localhost");
    line.option({"--allow-origin"}, "ORIGIN", options_.guard.origins,
                "A site whose pages may ask: https://dashboard.example");
    line.flag({"--audit-reads"}, options_.audit_reads,
              "Record each request that is answered with details of events, as an audit event");
    line.option({"--log-format"}, "FORMAT", log_format_, "text or json (default text)").choices = {
        "text", "json"};
    line.flag({"--log-requests"}, log_requests_, "Log every request");
    redaction_.declare(line);
    line.flag({"--check"}, check_, "Check the options and the trail, and end");
  }

  ExitStatus run(Context& context) override {
    if (log_format_ == "json") context.talk.use_json();
    if (const auto config = check_config(context); !config) return report(context, config.error());
    if (log_requests_) {
      options_.on_request = [&context](const RequestRecord& record) {
        log_request(context, record);
      };
    }
    Interrupt interrupt;
    auto listeners = listen();
    if (!listeners) return report(context, listeners.error());
    if (auto guarded = guard(*listeners); !guarded) return report(context, guarded.error());
    auto redactor = redaction_.open(context);
    if (!redactor) return report(context, redactor.error());
    options_.redactor = std::move(*redactor);
    SqliteStoreOptions store_options;
    store_options.record_sessions = true;
    sign_with_default_key(context, store_options);
    auto store = store_.open_to_write(store_options);
    wipe(store_options.signing_key);
    if (!store) return report(context, store.error());
    if (check_) {
      context.talk.say("everything is as it should be");
      return ExitStatus::ok;
    }
    import_spool(context, store_, **store);
    const auto beside = store_.beside();
    if (!beside) return report(context, beside.error());
    auto journal = OtlpJournal::open(*beside);
    if (!journal) return report(context, journal.error());
    options_.otlp.journal = std::make_shared<OtlpJournal>(std::move(*journal));
    return serve(context, interrupt, *store, std::move(*listeners));
  }

 private:
  // All of the configuration, what is for other commands too: whoever runs a daemon wants to
  // hear of it now.
  [[nodiscard]] Result<void> check_config(Context& context) const {
    const auto config = ConfigFile::find();
    if (!config) return fail(config.error());
    if (check_ && !config->path().empty()) {
      context.talk.say("configuration: " + config->path().native());
    }
    return config->check();
  }

  static void log_request(Context& context, const RequestRecord& record) {
    const double milliseconds = std::chrono::duration<double, std::milli>(record.duration).count();
    const std::string peer(record.peer.empty() ? "unix" : record.peer);
    std::string text(record.method);
    text.append(" ").append(record.path).append(" ").append(std::to_string(record.status));
    std::string members = "\"method\":";
    append_json_string(members, record.method);
    members += ",\"path\":";
    append_json_string(members, record.path);
    members += ",\"status\":" + std::to_string(record.status);
    members += ",\"duration_ms\":" + std::to_string(milliseconds);
    members += ",\"peer\":";
    append_json_string(members, peer);
    if (!record.token_id.empty()) {
      members += ",\"token\":";
      append_json_string(members, record.token_id);
    }
    context.talk.tell(text, members);
  }

  // Reads tokens, certificate and key. Who can be reached from other machines must have them.
  [[nodiscard]] Result<void> guard(const std::vector<Listener>& listeners) {
    const auto path = tokens_.path();
    if (!path) return fail(path.error());
    auto tokens = TokenFile::open(*path);
    if (!tokens) return fail(tokens.error());
    options_.tokens = std::move(*tokens);
    if (certificate_.empty() != private_key_.empty()) {
      return fail(ErrorCode::invalid_argument, "--tls-cert and --tls-key belong together");
    }
    if (!certificate_.empty()) {
      for (const auto& [file, out] : {std::pair(&certificate_, &server_options_.certificate),
                                      std::pair(&private_key_, &server_options_.private_key)}) {
        std::ifstream stream(*file, std::ios::binary);
        std::ostringstream text;
        text << stream.rdbuf();
        if (!stream) return fail(ErrorCode::io, "cannot read " + *file);
        *out = text.str();
      }
    }
    for (const Listener& listener : listeners) {
      if (listener.is_loopback || (!certificate_.empty() && options_.tokens->current())) continue;
      return fail(ErrorCode::invalid_argument,
                  "--listen: " + listener.address +
                      " can be reached from other machines; that takes TLS (--tls-cert, "
                      "--tls-key) and tokens (`agentaudit token create`)");
    }
    return {};
  }

  // Where systemd listens already, nothing else is opened.
  [[nodiscard]] Result<std::vector<Listener>> listen() {
    std::vector<Listener> listeners;
    const auto add = [&](const std::string& option, Result<Listener> listener) -> Result<void> {
      if (!listener) return fail(listener.error().code, option + ": " + listener.error().message);
      listeners.push_back(std::move(*listener));
      return {};
    };
    if (environment("LISTEN_PID") == std::to_string(::getpid())) {
      const auto inherited = whole_number(environment("LISTEN_FDS"));
      for (int i = 0; inherited && i < *inherited; ++i) {
        if (auto added = add("LISTEN_FDS", adopt_listener(first_inherited + i)); !added) {
          return fail(added.error());
        }
      }
    }
    if (!listeners.empty()) return listeners;
    if (addresses_.empty() && unix_path_.empty()) addresses_.emplace_back("127.0.0.1");
    for (const std::string& address : addresses_) {
      if (auto added = add("--listen", listen_on(address, default_port)); !added) {
        return fail(added.error());
      }
    }
    if (!otlp_port_.empty()) {
      if (auto added = add("--otlp-port", listen_on("127.0.0.1:" + otlp_port_, default_port));
          !added) {
        return fail(added.error());
      }
    }
    if (!unix_path_.empty()) {
      if (auto added = add("--unix", listen_on_unix(unix_path_)); !added) {
        return fail(added.error());
      }
    }
    return listeners;
  }

  ExitStatus serve(Context& context, const Interrupt& interrupt,
                   const std::shared_ptr<Store>& store, std::vector<Listener> listeners) {
    options_.verify_options = [](Store& trail) {
      VerifyOpts opts;
      verify_by_own_key(trail, opts);
      return opts;
    };
    Api api(store, options_);
    std::vector<std::unique_ptr<HttpServer>> servers;
    for (Listener& listener : listeners) {
      // The server takes the socket over, and closes it.
      const int descriptor = ::dup(listener.socket.get());
      auto server =
          HttpServer::start(descriptor, server_options_,
                            [&api](const HttpRequest& request) { return api.handle(request); });
      if (!server) return report(context, server.error());
      servers.push_back(std::move(*server));
      const std::string where =
          listener.port == 0 ? "unix:" + listener.address
                             : (certificate_.empty() ? "http://" : "https://") + listener.address;
      context.talk.say("listening on " + where);
      listener.socket = FileDescriptor();
    }
    const std::string manager = environment("NOTIFY_SOCKET");
    notify_service_manager(manager, "READY=1");
    wait_for_end(interrupt, *store);
    notify_service_manager(manager, "STOPPING=1");
    context.talk.say("ending: finishing what was asked");
    api.stop();
    for (const auto& server : servers) server->stop(stop_patience);
    if (!unix_path_.empty()) (void)::unlink(unix_path_.c_str());
    const auto closed = store->close();
    if (!closed) return report(context, closed.error());
    return ExitStatus::ok;
  }

  // Signs what was written and is not signed yet, each second.
  static void wait_for_end(const Interrupt& interrupt, Store& store) {
    EventId signed_to = 0;
    while (!interrupt.requested()) {
      pollfd waiting{.fd = interrupt.descriptor(), .events = POLLIN, .revents = 0};
      (void)::poll(&waiting, 1, static_cast<int>(sign_interval.count()));
      // To look needs no lock, to sign does.
      const auto last = store.last_id();
      if (last && *last != signed_to && store.sign()) signed_to = *last;
    }
  }

  StoreOption store_;
  RedactionOption redaction_;
  std::vector<std::string> addresses_;
  std::string otlp_port_;
  std::string unix_path_;
  TokenOption tokens_;
  std::string certificate_;
  std::string private_key_;
  ApiOptions options_;
  HttpServerOptions server_options_;
  std::string log_format_;
  bool log_requests_ = false;
  bool check_ = false;
};

}  // namespace

const CommandEntry serve_command = {
    .name = "serve",
    .summary = "Take events and answer questions over HTTP",
    .text =
        "Listens on loopback, stores what is posted to /api/v1/audit, and answers questions "
        "about the trail; GET / is a dashboard, GET /openapi.json describes all of it. Ends on "
        "SIGINT or SIGTERM "
        "once what was asked is answered. Takes systemd's sockets where it is started by them.",
    .examples =
        "agentaudit serve\n"
        "# From a shell\n"
        "curl -H 'Content-Type: application/json' -d '{\"category\":\"session\"}' \\\n"
        "  http://127.0.0.1:4319/api/v1/audit\n"
        "# For OpenTelemetry's exporters, which go to port 4318\n"
        "agentaudit serve --otlp-port 4318\n"
        "# Follow what agents do\n"
        "curl -N http://127.0.0.1:4319/api/v1/audit/stream",
    .create = []() -> std::unique_ptr<Command> { return std::make_unique<ServeCommand>(); }};

}  // namespace agentaudit
