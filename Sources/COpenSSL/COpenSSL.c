#include "COpenSSL.h"

#include <openssl/core_names.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <string.h>

static int copenssl_outcome(const SSL *ssl, int result) {
  int saved = errno, outcome = COPENSSL_FAILED, reason;
  switch (SSL_get_error(ssl, result)) {
    case SSL_ERROR_WANT_READ: return COPENSSL_WANT_READ;
    case SSL_ERROR_WANT_WRITE: return COPENSSL_WANT_WRITE;
    case SSL_ERROR_ZERO_RETURN: return COPENSSL_ENDED;
    case SSL_ERROR_SYSCALL: outcome = saved ? COPENSSL_SYSTEM : COPENSSL_CUT; break;
    default:
      reason = ERR_GET_REASON(ERR_peek_error());
      if (reason == SSL_R_UNEXPECTED_EOF_WHILE_READING) outcome = COPENSSL_CUT;
      if (reason == SSL_R_HTTP_REQUEST) outcome = COPENSSL_PLAIN_HTTP;
  }
  ERR_clear_error();
  errno = saved;
  return outcome;
}

// Errors are kept per thread: one that another connection has left behind would be taken for this one's.
static void copenssl_begin(void) {
  if (ERR_peek_error()) ERR_clear_error();
  errno = 0;
}

// Once the bytes that were there before the handshake are read, the socket is. Only then does epoll tell when there are more.
static void copenssl_settle(SSL *ssl) {
  BIO *first = SSL_get_rbio(ssl), *socket = SSL_get_wbio(ssl);
  if (first != socket && BIO_pending(first) == 0 && BIO_up_ref(socket)) SSL_set0_rbio(ssl, socket);
}

int copenssl_handshake(SSL *ssl) {
  copenssl_begin();
  int result = SSL_do_handshake(ssl);
  int outcome = result == 1 ? 1 : copenssl_outcome(ssl, result);
  copenssl_settle(ssl);
  return outcome;
}

int copenssl_read(SSL *ssl, void *buffer, int size) {
  copenssl_begin();
  int result = SSL_read(ssl, buffer, size);
  if (result > 0) return result;
  int outcome = copenssl_outcome(ssl, result);
  if (outcome == COPENSSL_WANT_READ) copenssl_settle(ssl);
  return outcome;
}

int copenssl_write(SSL *ssl, const void *bytes, int count) {
  copenssl_begin();
  int result = SSL_write(ssl, bytes, count);
  return result > 0 ? result : copenssl_outcome(ssl, result);
}

int copenssl_has_news(const SSL *ssl) {
  return SSL_has_pending(ssl) || SSL_get_shutdown(ssl) & SSL_RECEIVED_SHUTDOWN;
}

void copenssl_rest(SSL *ssl) {
  // It refuses by itself while a record is half read or half sent; up to OpenSSL 3.0.13 it did not always (CVE-2024-4741).
  if (!SSL_has_pending(ssl)) SSL_free_buffers(ssl);
}

int copenssl_finish(SSL *ssl) {
  copenssl_begin();
  int result = SSL_shutdown(ssl);
  return result >= 0 ? 1 : copenssl_outcome(ssl, result);
}

SSL *copenssl_accept(SSL_CTX *context, int socket, const void *first, int count) {
  SSL *ssl = SSL_new(context);
  if (!ssl) return NULL;
  if (!SSL_set_fd(ssl, socket)) goto failed;
  if (count > 0) {
    BIO *memory = BIO_new(BIO_s_mem());
    if (!memory) goto failed;
    BIO_set_mem_eof_return(memory, -1);
    SSL_set0_rbio(ssl, memory);
    if (BIO_write(memory, first, count) != count) goto failed;
  }
  SSL_set_accept_state(ssl);
  return ssl;
failed:
  SSL_free(ssl);
  return NULL;
}

// The keys of session tickets (RFC 5077, RFC 8446 section 4.6.1): the first one makes tickets, both open them.
typedef struct {
  unsigned char name[16];
  unsigned char cipher[32];
  unsigned char mac[32];
} copenssl_ticket_key;

typedef struct {
  copenssl_ticket_key keys[2];
} copenssl_ticket_keys;

static void copenssl_free_keys(void *parent, void *pointer, CRYPTO_EX_DATA *data, int index, long number, void *argument) {
  (void)parent, (void)data, (void)index, (void)number, (void)argument;
  OPENSSL_clear_free(pointer, sizeof(copenssl_ticket_keys));
}

// Where a context keeps its keys.
static CRYPTO_ONCE copenssl_once = CRYPTO_ONCE_STATIC_INIT;
static int copenssl_key_place = -1;

static void copenssl_make_key_place(void) {
  copenssl_key_place = SSL_CTX_get_ex_new_index(0, NULL, NULL, NULL, copenssl_free_keys);
}

static int copenssl_use_ticket_key(const copenssl_ticket_key *key, unsigned char *iv, EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac, int seals) {
  OSSL_PARAM parameters[] = {
    OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, (void *)key->mac, sizeof key->mac),
    OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char *)"sha256", 0),
    OSSL_PARAM_construct_end(),
  };
  return EVP_CipherInit_ex(cipher, EVP_aes_256_cbc(), NULL, key->cipher, iv, seals) == 1 && EVP_MAC_CTX_set_params(mac, parameters) == 1;
}

static int copenssl_ticket(SSL *ssl, unsigned char name[16], unsigned char *iv, EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac, int seals) {
  SSL_CTX *context = SSL_get_SSL_CTX(ssl);
  const copenssl_ticket_keys *ring = SSL_CTX_get_ex_data(context, copenssl_key_place);
  if (!ring) return -1;
  if (seals) {
    memcpy(name, ring->keys[0].name, 16);
    if (RAND_bytes(iv, EVP_MAX_IV_LENGTH) != 1) return -1;
    return copenssl_use_ticket_key(&ring->keys[0], iv, cipher, mac, 1) ? 1 : -1;
  }
  for (int place = 0; place < 2; place++) {
    if (memcmp(name, ring->keys[place].name, 16) != 0) continue;
    if (!copenssl_use_ticket_key(&ring->keys[place], iv, cipher, mac, 0)) return -1;
    // 2: good, but the client should get a new one.
    return place == 0 ? 1 : 2;
  }
  return 0;
}

// ALPN (RFC 7301): http/1.1 or nothing. A client that asks only for something else gets no_application_protocol.
static int copenssl_choose(SSL *ssl, const unsigned char **chosen, unsigned char *count, const unsigned char *offered, unsigned offeredCount, void *argument) {
  static const unsigned char ours[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  (void)ssl, (void)argument;
  return SSL_select_next_proto((unsigned char **)chosen, count, ours, sizeof ours, offered, offeredCount) == OPENSSL_NPN_NEGOTIATED
    ? SSL_TLSEXT_ERR_OK
    : SSL_TLSEXT_ERR_ALERT_FATAL;
}

// A key with a passphrase must not stop the server to ask a terminal.
static int copenssl_no_passphrase(char *buffer, int size, int writes, void *argument) {
  (void)buffer, (void)size, (void)writes, (void)argument;
  return 0;
}

// TLS 1.2 with forward secrecy and authenticated ciphers, the cheapest first: AES of 128 bits as in TLS 1.3.
static const char copenssl_tls12[] =
  "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
  "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";

SSL_CTX *copenssl_context(SSL_CTX *former) {
  if (!CRYPTO_THREAD_run_once(&copenssl_once, copenssl_make_key_place) || copenssl_key_place < 0) return NULL;
  SSL_CTX *context = SSL_CTX_new(TLS_server_method());
  if (!context) return NULL;
  copenssl_ticket_keys *keys = OPENSSL_zalloc(sizeof *keys);
  if (!keys || !SSL_CTX_set_ex_data(context, copenssl_key_place, keys)) {
    OPENSSL_free(keys);
    goto failed;
  }
  if (RAND_bytes((unsigned char *)&keys->keys[0], sizeof keys->keys[0]) != 1) goto failed;
  copenssl_ticket_keys *old = former ? SSL_CTX_get_ex_data(former, copenssl_key_place) : NULL;
  // Without a former key the second one is the first again: a key of zeros would open what anybody made.
  keys->keys[1] = old ? old->keys[0] : keys->keys[0];
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  // After a record without data, of which a peer may send any number, the loop gets its turn: epoll tells when there is more.
  SSL_CTX_clear_mode(context, SSL_MODE_AUTO_RETRY);
  // Read-ahead takes a record and what follows it with one call to the kernel. Buffers stay between records: the loop frees those of idle
  // connections.
  SSL_CTX_set_read_ahead(context, 1);
  SSL_CTX_clear_mode(context, SSL_MODE_RELEASE_BUFFERS);
  // Sessions live in the clients' tickets, not here.
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_timeout(context, 86400);
  SSL_CTX_set_alpn_select_cb(context, copenssl_choose, NULL);
  SSL_CTX_set_default_passwd_cb(context, copenssl_no_passphrase);
  if (SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION)
      && SSL_CTX_set_ciphersuites(context, "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256")
      && SSL_CTX_set_cipher_list(context, copenssl_tls12)
      && SSL_CTX_set1_groups_list(context, "X25519:P-256:P-384")
      && SSL_CTX_set_session_id_context(context, (const unsigned char *)"1fin", 4)
      && SSL_CTX_set_tlsext_ticket_key_evp_cb(context, copenssl_ticket))
    return context;
failed:
  SSL_CTX_free(context);
  return NULL;
}

SSL_CTX *copenssl_renewed(SSL_CTX *former) {
  SSL_CTX *context = copenssl_context(former);
  STACK_OF(X509) *chain = NULL;
  if (context && SSL_CTX_use_certificate(context, SSL_CTX_get0_certificate(former)) == 1 && SSL_CTX_get0_chain_certs(former, &chain)
      && (!chain || SSL_CTX_set1_chain(context, chain)) && SSL_CTX_use_PrivateKey(context, SSL_CTX_get0_privatekey(former)) == 1)
    return context;
  SSL_CTX_free(context);
  return NULL;
}
