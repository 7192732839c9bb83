// OpenSSL 3, and what of it is a macro, takes callbacks or tells by more than a result, as functions that Swift can call.
#ifndef COPENSSL_H
#define COPENSSL_H

#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

// What a call on a connection came to when it is not a number of bytes.
// The connection is broken or the peer breaks the protocol.
#define COPENSSL_FAILED (-1)
// More bytes of the peer are needed first.
#define COPENSSL_WANT_READ (-2)
// The kernel has to take bytes first.
#define COPENSSL_WANT_WRITE (-3)
// close_notify came: the peer sends no more.
#define COPENSSL_ENDED (-4)
// FIN came without close_notify.
#define COPENSSL_CUT (-5)
// The kernel has refused; errno says why.
#define COPENSSL_SYSTEM (-6)
// The first bytes are a plain HTTP request.
#define COPENSSL_PLAIN_HTTP (-7)

/// A server's context without its certificate. Tickets of `former`, which may be NULL, still count. NULL when there is no memory.
SSL_CTX *copenssl_context(SSL_CTX *former);
/// The same certificate and key with a new ticket key; NULL when there is no memory.
SSL_CTX *copenssl_renewed(SSL_CTX *former);

/// A server's side of a connection on a socket. `first` are bytes that were read from it already; NULL when there is no memory.
SSL *copenssl_accept(SSL_CTX *context, int socket, const void *first, int count);
/// Goes on with the handshake: 1 when it is done.
int copenssl_handshake(SSL *ssl);
/// Decrypts up to `size` bytes; how many, or what else it came to.
int copenssl_read(SSL *ssl, void *buffer, int size);
/// Encrypts and sends up to `count` bytes; how many, or what else it came to.
int copenssl_write(SSL *ssl, const void *bytes, int count);
/// Whether a read has something to tell of which the kernel says nothing: bytes that were read already, or that close_notify came.
int copenssl_has_news(const SSL *ssl);
/// Gives the buffers of a connection back, unless a record is half read or half sent. The next call gets new ones.
void copenssl_rest(SSL *ssl);
/// Sends close_notify: 1 when it is out.
int copenssl_finish(SSL *ssl);

#endif
