import { givenHttp } from './client/given-http.ts'
import { transportContract } from './transport.contract.ts'

transportContract('over HTTP', givenHttp)
