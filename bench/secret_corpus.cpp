#include "secret_corpus.h"

#include <array>
#include <utility>

#include "agentaudit/core/event_json.h"

namespace agentaudit::bench {
namespace {

// What stands before the secret, the secret, what stands after it.
struct Template {
  std::string_view kind;
  std::string_view before;
  std::string_view secret;
  std::string_view after;
};

constexpr auto templates_of_secrets = std::to_array<Template>({
    {"private-key", "cat server.key\n", "{pem}", "\n"},
    {"age-secret-key", "# created: 2026-01-05\n", "AGE-SECRET-KEY-1{k58}", "\n"},
    {"jwt", "token expired: ", "eyJ{r30}.eyJ{r90}.{r43}", "\n"},
    {"jwt", R"({"session":")", "eyJ{r30}.eyJ{r90}.{r43}", "\"}"},
    {"aws-access-key-id", "aws_access_key_id = ", "AKIA{k16}", "\n"},
    {"aws-access-key-id", "credentials ", "ASIA{k16}", " used from 10.0.0.7"},
    {"aws-secret-access-key", "AWS_SECRET_ACCESS_KEY=", "{b40}", "\n"},
    {"aws-secret-access-key", R"("SecretAccessKey": ")", "{b40}", "\","},
    {"google-api-key", "https://maps.googleapis.com/maps/api/js?key=", "AIza{r35}", "&v=3"},
    {"google-oauth-token", "access: ", "ya29.{r68}", " scope"},
    {"google-oauth-secret", "client: ", "GOCSPX-{r28}", "\n"},
    {"azure-storage-key",
     "AccountName=logs;AccountKey=", "{b86}==", ";EndpointSuffix=core.windows.net"},
    {"azure-sas", "https://logs.blob.core.windows.net/a?sv=2022-11-02&sp=r&sig=", "{w42}%3D", "\n"},
    {"digitalocean-token", "doctl auth init -t ", "dop_v1_{h64}", "\n"},
    {"github-token", "git clone https://oauth2:", "ghp_{w36}", "@github.com/acme/site.git"},
    {"github-token", "GITHUB_TOKEN=", "ghs_{w36}", "\n"},
    {"github-token", "gh auth login with ", "github_pat_{w22}_{w59}", "\n"},
    {"gitlab-token", "PRIVATE-TOKEN: ", "glpat-{w20}", "\n"},
    {"bitbucket-token", "app password ", "ATBB{w32}", "\n"},
    {"atlassian-token", "jira login ", "ATATT3{r180}", "\n"},
    {"anthropic-api-key", "export ANTHROPIC_API_KEY=", "sk-ant-api03-{r93}AA", "\n"},
    {"openai-api-key", "export OPENAI_API_KEY=", "sk-proj-{r120}", "\n"},
    {"openai-api-key", "client = OpenAI(api_key=\"", "sk-{w48}", "\")"},
    {"openrouter-api-key", "curl with ", "sk-or-v1-{h64}", "\n"},
    {"huggingface-token", "huggingface-cli login --token ", "hf_{w34}", "\n"},
    {"replicate-token", "REPLICATE=", "r8_{w37}", "\n"},
    {"groq-api-key", "groq: ", "gsk_{w52}", "\n"},
    {"xai-api-key", "grok ", "xai-{w80}", "\n"},
    {"perplexity-api-key", "ask with ", "pplx-{w48}", "\n"},
    {"nvidia-api-key", "nim ", "nvapi-{r64}", "\n"},
    {"langsmith-api-key", "tracing with ", "lsv2_pt_{h32}_{h10}", "\n"},
    {"tavily-api-key", "search ", "tvly-{w32}", "\n"},
    {"slack-token", "SLACK_BOT=", "xoxb-{d12}-{d13}-{w24}", "\n"},
    {"slack-webhook", "POST https://hooks.slack.com/services/", "T{u9}/B{u10}/{w24}", " 200"},
    {"discord-webhook", "https://discord.com/api/webhooks/{d18}/", "{r68}", "\n"},
    {"telegram-bot-token", "https://api.telegram.org/bot{d9}:", "AA{r33}", "/getMe"},
    {"stripe-key", "stripe.api_key = '", "sk_live_{w24}", "'"},
    {"stripe-key", "endpoint ", "whsec_{w32}", "\n"},
    {"sendgrid-api-key", "mail via ", "SG.{r22}.{r43}", "\n"},
    {"twilio-key", "TWILIO_AUTH_TOKEN=", "{h32}", "\n"},
    {"mailgun-key", "api:", "key-{h32}", " https://api.mailgun.net"},
    {"npm-token", "//npm.example/:_authToken=", "npm_{w36}", "\n"},
    {"pypi-token", "password = ", "pypi-AgEIcHlwaS5vcmc{r140}", "\n"},
    {"rubygems-token", "gem push with ", "rubygems_{h48}", "\n"},
    {"docker-token", "docker login -u acme with ", "dckr_pat_{r27}", "\n"},
    {"docker-auth", R"({"auths":{"https://index.docker.io/v1/":{"auth":")", "{b40}", "\"}}}"},
    {"vault-token", "vault login ", "hvs.{r90}", "\n"},
    {"terraform-token", "credentials {w14}.atlasv1.", "{w67}", "\n"},
    {"pulumi-token", "pulumi login with ", "pul-{h40}", "\n"},
    {"databricks-token", "host and ", "dapi{h32}", "\n"},
    {"grafana-token", "grafana ", "glsa_{w32}_{h8}", "\n"},
    {"sentry-token", "sentry-cli with ", "sntrys_{b60}", "\n"},
    {"supabase-token", "supabase login ", "sbp_{h40}", "\n"},
    {"shopify-token", "X-Shopify: ", "shpat_{h32}", "\n"},
    {"postman-key", "newman run ", "PMAK-{h24}-{h34}", "\n"},
    {"linear-key", "linear ", "lin_api_{w40}", "\n"},
    {"notion-token", "notion ", "ntn_{w46}", "\n"},
    {"figma-token", "figma ", "figd_{r40}", "\n"},
    {"tailscale-key", "tailscale up with ", "tskey-auth-{w17}-{w32}", "\n"},
    {"cloudflare-token", "origin ca ", "v1.0-{h24}-{h146}", "\n"},
    {"authorization", "curl -H \"Authorization: Bearer ", "{r43}", "\" https://api.acme.example"},
    {"authorization", R"("Authorization": "Basic )", "{b28}", "\""},
    {"authorization", "> authorization: token ", "{h40}", "\n"},
    {"url-password", "psql postgres://app:", "{p14}", "@db.acme.example:5432/orders"},
    {"url-password", "redis://:", "{w20}", "@10.0.0.4:6379/0"},
    {"password", "DB_PASSWORD=", "{p14}", "\n"},
    {"password", R"({"user":"app","password":")", "{p12}", "\"}"},
    {"password", "  password: ", "{p16}", "\n"},
    {"password", "mysqldump --password ", "{w12}", " orders"},
    {"password", R"({"name":"DB_PASSWORD","value":")", "{p16}", "\"}"},
    {"secret", "CLIENT_SECRET=", "{w32}", "\n"},
    {"secret", R"({"client_secret": ")", "{r40}", "\"}"},
    {"secret", "x-api-key: ", "{h32}", "\n"},
    {"secret", "app.config['SECRET_KEY'] = '", "{h48}", "'"},
    {"secret", "refresh_token=", "{r64}", "&grant_type=refresh_token"},
    {"payment-card", R"({"card":")", "{card}", R"(","exp":"12/29"})"},
    {"payment-card", "paid with ", "{card}", ", thank you"},
});

std::string escaped(std::string_view text) {
  std::string json;
  append_json_string(json, text);
  return json;
}

}  // namespace

std::size_t SecretCorpus::templates() noexcept { return templates_of_secrets.size(); }

std::size_t SecretCorpus::below(std::size_t end) {
  return std::uniform_int_distribution<std::size_t>(0, end - 1)(random_);
}

std::string SecretCorpus::draw(std::string_view alphabet, std::size_t count) {
  std::string text;
  while (text.size() < count) text += alphabet[below(alphabet.size())];
  return text;
}

std::string SecretCorpus::one_of(const std::vector<std::string>& of) {
  return of[below(of.size())];
}

std::string SecretCorpus::card() {
  static const std::vector<std::string> issuers = {"4",  "51", "55",   "2345",
                                                   "34", "37", "6011", "36"};
  const std::string issuer = one_of(issuers);
  const std::size_t length = issuer.front() == '3' ? (issuer == "36" ? 14 : 15) : 16;
  std::string digits = issuer + draw("0123456789", length - issuer.size() - 1);
  int sum = 0;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    int value = digits[digits.size() - 1 - i] - '0';
    if (i % 2 == 0) value = value * 2 > 9 ? value * 2 - 9 : value * 2;
    sum += value;
  }
  digits += static_cast<char>('0' + (10 - sum % 10) % 10);
  const std::size_t style = below(3);
  if (style == 0) return digits;
  std::string printed;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    const bool gap = length == 16 ? i % 4 == 0 : i == 4 || i == 10;
    if (gap && i > 0) printed += style == 1 ? ' ' : '-';
    printed += digits[i];
  }
  return printed;
}

std::string SecretCorpus::pem() {
  const std::string name = one_of({"RSA PRIVATE KEY", "PRIVATE KEY", "EC PRIVATE KEY",
                                   "OPENSSH PRIVATE KEY", "ENCRYPTED PRIVATE KEY"});
  std::string text = "-----BEGIN " + name + "-----\n";
  for (std::size_t line = 2 + below(20); line > 0; --line) text += filled("{b64}\n");
  return text + filled("{b22}==\n") + "-----END " + name + "-----";
}

std::string SecretCorpus::filled(std::string_view pattern) {
  constexpr std::string_view lower = "abcdefghijklmnopqrstuvwxyz";
  constexpr std::string_view upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  constexpr std::string_view digits = "0123456789";
  const std::string letters = std::string(lower) + std::string(upper);
  std::string out;
  while (!pattern.empty()) {
    const std::size_t open = pattern.find('{');
    out += pattern.substr(0, open);
    if (open == std::string_view::npos) break;
    const std::size_t close = pattern.find('}', open);
    const std::string_view slot = pattern.substr(open + 1, close - open - 1);
    const bool counted = slot.size() > 1 && slot[1] >= '0' && slot[1] <= '9';
    if (close == std::string_view::npos || (!counted && slot != "card" && slot != "pem")) {
      out += '{';
      pattern.remove_prefix(open + 1);
      continue;
    }
    pattern.remove_prefix(close + 1);
    if (slot == "card") {
      out += card();
      continue;
    }
    if (slot == "pem") {
      out += pem();
      continue;
    }
    const std::size_t count = std::stoul(std::string(slot.substr(1)));
    switch (slot[0]) {
      case 'h': out += draw("0123456789abcdef", count); break;
      case 'd': out += draw("123456789", 1) + draw(digits, count - 1); break;
      case 'u': out += draw(std::string(upper) + std::string(digits), count); break;
      case 'l': out += draw(std::string(lower) + std::string(digits), count); break;
      case 'w': out += draw(letters + std::string(digits), count); break;
      case 'b': out += draw(letters + std::string(digits) + "+/", count); break;
      case 'r':
        out += draw(letters + std::string(digits), 1) +
               draw(letters + std::string(digits) + "-_", count - 2) +
               draw(letters + std::string(digits), 1);
        break;
      case 'k': out += draw(std::string(upper) + "234567", count); break;
      default:
        out += draw(letters, 1) + draw(digits, 2) + draw("!#%^*+", 1) +
               draw(letters + std::string(digits), count - 4);
    }
  }
  return out;
}

std::string SecretCorpus::words(std::size_t count) {
  static const std::vector<std::string> some = {
      "the",     "agent",  "wrote", "a",        "report", "about",  "weather", "in",
      "Lisbon",  "then",   "ran",   "tests",    "which",  "passed", "token",   "budget",
      "is",      "secret", "santa", "password", "reset",  "page",   "loads",   "key",
      "finding", "of",     "this",  "quarter",  "sales",  "grew",   "by",      "12%"};
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += (i == 0 ? "" : " ") + one_of(some);
  return text;
}

PlantedSecret SecretCorpus::secret(std::size_t number) {
  const Template& made = templates_of_secrets[number];
  return {.kind = made.kind,
          .before = filled(made.before),
          .secret = filled(made.secret),
          .after = filled(made.after)};
}

PlantedDetail SecretCorpus::planted() {
  PlantedDetail planted;
  std::string text = words(20 + below(60));
  for (std::size_t i = 1 + below(3); i > 0; --i) {
    PlantedSecret secret = this->secret(below(templates()));
    text += '\n' + secret.before + secret.secret + secret.after + '\n' + words(10 + below(40));
    planted.secrets.push_back(std::move(secret));
  }
  // Output of a tool as it is, in JSON in JSON, and with its slashes escaped.
  const std::size_t wrapping = below(3);
  std::string value = escaped(text);
  if (wrapping == 1) value = escaped("{\"stdout\":" + value + "}");
  if (wrapping == 2) {
    std::string slashed;
    for (const char c : value) slashed += c == '/' ? std::string("\\/") : std::string(1, c);
    value = slashed;
  }
  planted.detail = R"({"tool_name":"Bash","tool_response":{"stdout":)" + value +
                   R"(,"exit_code":0},"usage":{"input_tokens":)" + draw("123456789", 4) + "}}";
  return planted;
}

std::string SecretCorpus::clean() {
  static constexpr auto looks = std::to_array<std::string_view>({
      "commit {h40}\nAuthor: Ana\n",
      "sha256:{h64}",
      "id {h8}-{h4}-4{h3}-a{h3}-{h12} done",
      "traceparent 00-{h32}-{h16}-01",
      "data:image/png;base64,iVBORw0KGgo{b400}",
      R"("input_tokens": 1200, "max_tokens": 100000, "total_tokens": {d6})",
      R"({"token_count": {d5}, "tokenizer": "o200k_base"})",
      "next_page_token: {r40}",
      "at 17{d11} ms, 17{d14} us, 17{d17} ns",
      "2026-01-05T12:30:45.123456789Z",
      "10.0.12.7 - - [05/Jan/2026:12:30:45] \"GET /orders/{d16}/items\"",
      "+351 912 345 678",
      "+1 (415) 555-01{d2}",
      "/usr/lib/node_modules/@acme/auth-token-client/dist/index.js",
      "def get_secret(name: str) -> Secret:\n    return client.secrets[name]",
      "password: string; token: Token; apiKey?: string",
      "if (!process.env.API_KEY) throw new Error('API_KEY missing')",
      "token = tokenizer.next_token(position)",
      "const password = await prompt(question)",
      "PASSWORD=${DB_PASSWORD} TOKEN=$CI_JOB_TOKEN",
      "secret_name: acme-db-credentials-v2",
      "password_file: /run/secrets/db_password_2",
      "Authorization: Bearer <token>",
      "postgres://user:password@localhost:5432/app",
      "https://acme.example:8443/login?next=/a@b",
      "!function(e,t){var n={a:1};e.exports=n,t.sk=function(r){return r-1}}(m,{l12:{d4}})",
      "{u2}{d2} BANK {d4} ref {d10}",
      "etag \"{h32}\"",
      "npm_config_cache npm_lifecycle_event",
      "sk-circle sk-fading-circle sk-cube-grid",
      "hf_hub_download hf_transfer",
      "gl_FragColor ghp_pages",
      "class Passwords { reset(token) { return token.id } }",
      R"({"public_key":"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA{b43} ana@acme"})",
      "-----BEGIN CERTIFICATE-----\n{b64}\n{b64}\n-----END CERTIFICATE-----",
      "-----BEGIN PUBLIC KEY-----\n{b64}\n-----END PUBLIC KEY-----",
      "integrity=\"sha512-{b86}==\"",
      "docker pull acme/site@sha256:{h64}",
      "arn:aws:iam::{d12}:role/deploy",
      "order 4{d11}",
      "0.{d16} 3.{d15} -1.{d14}",
      "isbn 978-{d1}-{d4}-{d4}-{d1}",
      "{\"user_id\":{d18}}",
      "snowflake {d19}",
      "ip fe80::{h4}:{h4}:{h4}:{h4}",
      "vector [0.{d8}, -0.{d8}, 0.{d8}]",
      "password must be at least 8 characters",
      "the token: a unit of text",
      "Basic authentication",
      "token_type=bearer expires_in=3600",
      "csrf secret rotation every 90 days",
      "https://hooks.slack.com/services/ is the prefix",
      "pwd: /var/lib/build{d4}/src",
      R"({"secretKeyRef":{"name":"db","key":"password"}})",
      "key: value, api: v2beta{d2}",
  });
  std::string text = words(15);
  for (std::size_t i = 2 + below(6); i > 0; --i) {
    text += '\n' + filled(looks[below(looks.size())]) + '\n' + words(5 + below(30));
  }
  return R"({"tool_name":"Read","tool_response":{"content":)" + escaped(text) +
         R"(},"usage":{"input_tokens":)" + draw("123456789", 6) + R"(,"max_tokens":64000}})";
}

}  // namespace agentaudit::bench
