// Lists one application with Okta's Node SDK, which has to wait out a 429 for it; started by waiting_out.py.

import okta from '@okta/okta-sdk-nodejs';

const { applicationApi } = new okta.Client({
  orgUrl: process.env.OKTA_CLIENT_ORGURL, token: process.env.OKTA_CLIENT_TOKEN, testing: { disableHttpsCheck: true },
});
const { done } = await (await applicationApi.listApplications({ limit: 1 })).next();
process.exit(done ? 1 : 0);
