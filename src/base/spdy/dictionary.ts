/** Each of these is preceded by its length in 32 bits. */
const lengthPrefixed = [
  'options head post put delete trace accept accept-charset accept-encoding accept-language',
  'accept-ranges age allow authorization cache-control connection content-base content-encoding',
  'content-language content-length content-location content-md5 content-range content-type date',
  'etag expect expires from host if-match if-modified-since if-none-match if-range',
  'if-unmodified-since last-modified location max-forwards pragma proxy-authenticate',
  'proxy-authorization range referer retry-after server te trailer transfer-encoding upgrade',
  'user-agent vary via warning www-authenticate method get status 200_OK version HTTP/1.1 url',
  'public set-cookie keep-alive origin',
]
  .join(' ')
  .split(' ')
  .map((word) => word.replace('_', ' '))

/** Follows without any separator. */
const tail = [
  '100101201202205206300302303304305306307402405406407408409410411412413414415416417502504505',
  '203 Non-Authoritative Information',
  '204 No Content',
  '301 Moved Permanently',
  '400 Bad Request',
  '401 Unauthorized',
  '403 Forbidden',
  '404 Not Found',
  '500 Internal Server Error',
  '501 Not Implemented',
  '503 Service Unavailable',
  'Jan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec',
  ' 00:00:00 Mon, Tue, Wed, Thu, Fri, Sat, Sun, GMT',
  'chunked,text/html,image/png,image/jpg,image/gif,application/xml,application/xhtml+xml,',
  'text/plain,text/javascript,publicprivatemax-age=gzip,deflate,sdch',
  'charset=utf-8charset=iso-8859-1,utf-,*,enq=0.',
].join('')

/**
 * What both sides of SPDY/3.1 have in their compressors before the first header (SPDY protocol
 * draft 3.1, 2.6.10.1); its Adler-32 is E3C6A7C2.
 */
export const spdyDictionary: Buffer = Buffer.concat([
  ...lengthPrefixed.map((word) => {
    const entry = Buffer.alloc(4 + word.length)
    entry.writeUInt32BE(word.length)
    entry.write(word, 4, 'latin1')
    return entry
  }),
  Buffer.from(tail, 'latin1'),
])
